"""What a file is, by its first bytes alone: what a browser or a file name says about it counts for nothing."""

HEAD_BYTES = 512
"""As many of the first bytes as `kind_of` wants."""

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})

_OOXML = "application/vnd.openxmlformats-officedocument"

_STARTS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    # One container for Word, Excel and PowerPoint up to 2003 (MS-CFB): which of them, LibreOffice finds out.
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)


def kind_of(head: bytes) -> str | None:
    """The media type of a file that begins with `head`, or None for a kind that is not taken."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(head)
    return None


def _kind_of_zip(head: bytes) -> str:
    """An office file names itself in the zip's first entry; the zip is not opened (APPNOTE.TXT section 4.3.7)."""
    name_length = int.from_bytes(head[26:28], "little")
    extra_length = int.from_bytes(head[28:30], "little")
    name = head[30 : 30 + name_length]
    if name == b"mimetype":
        # OpenDocument 1.3 part 2, section 3.3: stored first, uncompressed, without an extra field.
        content = head[30 + name_length + extra_length :]
        for kind in ("presentation", "spreadsheet", "text"):
            mimetype = f"application/vnd.oasis.opendocument.{kind}"
            if content.startswith(mimetype.encode()):
                return mimetype
    if name in (b"[Content_Types].xml", b"_rels/.rels", b"docProps/app.xml"):
        for folder, kind in ((b"ppt/", "presentationml.presentation"), (b"xl/", "spreadsheetml.sheet")):
            if folder in head:
                return f"{_OOXML}.{kind}"
        return f"{_OOXML}.wordprocessingml.document"
    return "application/zip"
