"""What a file is and how it is called, whatever its uploader says."""

import io
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.files import kind_of
from server.files.kinds import HEAD_BYTES
from server.files.repository import clean_file_name


def zipped(*names: str) -> bytes:
    """The beginning of a zip with these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "application/vnd.oasis.opendocument.presentation" if name == "mimetype" else "x")
    return out.getvalue()[:HEAD_BYTES]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.4\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (zipped("mimetype"), "application/vnd.oasis.opendocument.presentation"),
        (
            zipped("[Content_Types].xml", "ppt/presentation.xml"),
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        (
            zipped("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (zipped("anything.txt"), "application/zip"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
        (b"<!doctype html>", None),
        (b"%!PS-Adobe-3.0", None),
        (b"", None),
    ],
)
def test_a_kind_is_told_by_the_first_bytes(head: bytes, kind: str | None) -> None:
    assert kind_of(head) == kind


@given(st.binary(max_size=HEAD_BYTES))
def test_no_bytes_break_the_telling(head: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"RIFF"):
        assert kind_of(start + head) is None or "/" in str(kind_of(start + head))


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Notes.pdf", "Notes.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\slides\\One.pptx", "One.pptx"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\x00b\r\nc", "abc"),
        ("  ..  ", "file"),
        ("", "file"),
        ("Año nuevo — 关税.pdf", "Año nuevo — 关税.pdf"),
    ],
)
def test_a_name_is_for_people_and_never_a_place(given_name: str, kept: str) -> None:
    assert clean_file_name(given_name) == kept


@given(st.text(max_size=400))
def test_every_name_comes_out_short_and_harmless(name: str) -> None:
    kept = clean_file_name(name)
    assert 1 <= len(kept) <= 120
    assert not set(kept) & set("/\\")
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in kept)


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_file_name("x" * 300 + ".pdf").endswith("x.pdf")
