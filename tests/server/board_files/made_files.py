"""Files as people send them, honest and not, made without the libraries that read them where it matters."""

import io
import struct
import zlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from fpdf import FPDF
from PIL import Image

from server.boards.rendering import Source


def source(path: Path, kind: str) -> Source:
    """The stored file at `path`."""
    return Source(path, sha256(path.read_bytes()).hexdigest(), kind)


def pdf_of(texts: Sequence[str], size: tuple[float, float] = (960, 540)) -> bytes:
    """A document with a coloured frame and a line of text on each page."""
    pdf = FPDF(unit="pt")
    pdf.set_auto_page_break(False)
    for text in texts:
        pdf.add_page(format=size)
        pdf.set_fill_color(220, 230, 250)
        pdf.rect(40, 40, size[0] - 80, size[1] - 80, style="F")
        pdf.set_font("helvetica", size=48)
        pdf.text(80, 120, text)
    return bytes(pdf.output())


def encrypted_pdf() -> bytes:
    """A document that asks for a password."""
    pdf = FPDF(unit="pt")
    pdf.set_encryption(owner_password="owner", user_password="user")
    pdf.add_page()
    return bytes(pdf.output())


def raw_pdf(objects: Sequence[bytes]) -> bytes:
    """A document of these objects, numbered from 1; the first is the catalog."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def pdf_with_box(box: str, content: bytes = b"", extra: str = "") -> bytes:
    """One page with a media box of any size."""
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R {extra} >>".encode(),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    )


def pdf_of_pages(count: int) -> bytes:
    """A document of so many empty pages."""
    kids = " ".join(f"{number + 3} 0 R" for number in range(count))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 960 540] >>"
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
            *[page] * count,
        ]
    )


def nested_pdf(depth: int) -> bytes:
    """A page whose content is an array in an array in an array."""
    return pdf_with_box("0 0 960 540", b"[" * depth + b"]" * depth + b" TJ")


def inflating_pdf(megabytes: int) -> bytes:
    """A page with a picture that is small as a file and enormous as pixels."""
    side = 30_000
    packed = zlib.compress(bytes(1 << 20) * megabytes, 9)
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 960 540] /Contents 4 0 R "
            b"/Resources << /XObject << /I 5 0 R >> >> >>",
            b"<< /Length 30 >>\nstream\nq 960 0 0 540 0 0 cm /I Do Q  \nendstream",
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 "
            b"/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (side, side, len(packed), packed),
        ]
    )


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG of any size, with no pixels behind it."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (header, body, b"IEND")
    )


def jpeg(size: tuple[int, int], orientation: int | None = None) -> bytes:
    """A photo, red on the left and blue on the right, perhaps with an EXIF orientation."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=90)
    return out.getvalue()


def animated_gif() -> bytes:
    """Two frames, the first green."""
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("green", "red")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()
