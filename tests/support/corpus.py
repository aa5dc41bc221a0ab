"""Files that test the checks of content: sound ones, broken ones and hostile ones, each with its outcome.

Usage: python -m tests.support.corpus   (writes them to tests/data, to look at)
"""

import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from pypdf import PdfWriter

JPEG, PNG, PDF, TEXT = "image/jpeg", "image/png", "application/pdf", "text/plain"

Case = tuple[str, Callable[[], bytes], str | None]
"""The type it is declared as, its bytes, and the reason it is rejected for."""


def image(kind: str, size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    """A picture with some noise in it, so that it does not shrink to nothing."""
    mode = options.pop("mode", "RGB")
    noise = random.Random(7).randbytes(size[0] * size[1] * len(Image.new(mode, (1, 1)).getbands()))
    made = io.BytesIO()
    Image.frombytes(mode, size, noise).save(made, kind, **options)
    return made.getvalue()


def pdf(pages: int = 1, *, password: str | None = None, owner: str | None = None, algorithm: str = "RC4-128") -> bytes:
    """A document of blank pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    if password is not None:
        writer.encrypt(password, owner, algorithm=algorithm)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def large_pdf() -> bytes:
    """A document of nearly ten MiB that does not shrink."""
    writer = PdfWriter()
    for _ in range(300):
        writer.add_blank_page(595, 842)
    writer.add_attachment("noise", random.Random(7).randbytes(9_900_000))
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def png_bomb(width: int, height: int) -> bytes:
    """A small file of a great many pixels, all of them there."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(packer.compress(row * 1000) for _ in range(height // 1000)) + packer.flush()
    return _png(struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0), data)


def _png(header: bytes, data: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _png_with_more_pixels_than_told() -> bytes:
    return _png(struct.pack(">IIBBBBB", 10, 10, 8, 2, 0, 0, 0), zlib.compress(bytes(50_000_000), 9))


def _png_with_a_text_bomb() -> bytes:
    sound = image("PNG")
    text = b"Comment\0\0" + zlib.compress(bytes(50_000_000), 9)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    return sound[:33] + chunk + sound[33:]


def _xref_stream_bomb() -> bytes:
    packed = zlib.compress(bytes(200_000_000), 9)
    head = b"%PDF-1.5\n1 0 obj\n<</Type/XRef/Size 9/W[1 2 1]/Root 2 0 R/Filter/FlateDecode/Length "
    return head + str(len(packed)).encode() + b">>\nstream\n" + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF"


def _cyclic_pdf() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[2 0 R]/Count 1>>\n"
        b"endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF"
    )


def _nested_pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"\nendobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF"


def _many_scans() -> bytes:
    sound = image("JPEG", progressive=True)
    start = sound.rfind(b"\xff\xda")
    scan = sound[start:-2]
    return sound[:start] + scan * 500 + b"\xff\xd9"


def _odd_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 99  # an orientation that there is none of
    exif[0x9286] = "x" * 5000
    return image("JPEG", exif=exif)


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _zeroed(content: bytes) -> bytes:
    return _half(content) + bytes(len(content) - len(content) // 2)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

CASES: dict[str, Case] = {
    "sound.jpg": (JPEG, lambda: image("JPEG"), None),
    "progressive.jpg": (JPEG, lambda: image("JPEG", progressive=True), None),
    "grey.jpg": (JPEG, lambda: image("JPEG", mode="L"), None),
    "cmyk.jpg": (JPEG, lambda: image("JPEG", mode="CMYK"), None),
    "odd-exif.jpg": (JPEG, _odd_exif, None),
    "followed-by-more.jpg": (JPEG, lambda: image("JPEG") + b"maker's notes", None),
    "truncated.jpg": (JPEG, lambda: _half(image("JPEG")), "CONTENT_INVALID"),
    "zeroed.jpg": (JPEG, lambda: _zeroed(image("JPEG")), "CONTENT_INVALID"),
    "header-only.jpg": (JPEG, lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40), "CONTENT_INVALID"),
    "many-scans.jpg": (JPEG, _many_scans, "CONTENT_INVALID"),
    "png-named.jpg": (JPEG, lambda: image("PNG"), "TYPE_MISMATCH"),
    "gif-and-script.jpg": (JPEG, lambda: b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "TYPE_MISMATCH"),
    "sound.png": (PNG, lambda: image("PNG"), None),
    "alpha.png": (PNG, lambda: image("PNG", mode="RGBA"), None),
    "bilevel.png": (PNG, lambda: png_bomb(1000, 1000), None),
    "followed-by-zip.png": (PNG, lambda: image("PNG") + b"PK\x03\x04" + bytes(30), None),
    "truncated.png": (PNG, lambda: _half(image("PNG")), "CONTENT_INVALID"),
    "zeroed.png": (PNG, lambda: _zeroed(image("PNG")), "CONTENT_INVALID"),
    "header-only.png": (PNG, lambda: b"\x89PNG\r\n\x1a\n" + bytes(40), "CONTENT_INVALID"),
    "bomb-of-pixels.png": (PNG, lambda: png_bomb(40_000, 40_000), "CONTENT_INVALID"),
    "more-than-told.png": (PNG, _png_with_more_pixels_than_told, "CONTENT_INVALID"),
    "bomb-of-text.png": (PNG, _png_with_a_text_bomb, "CONTENT_INVALID"),
    "svg-named.png": (PNG, lambda: SVG, "TYPE_MISMATCH"),
    "sound.pdf": (PDF, pdf, None),
    "thousand-pages.pdf": (PDF, lambda: pdf(1500), None),
    "opens-for-all.pdf": (PDF, lambda: pdf(password="", owner="secret"), None),
    "followed-by-zip.pdf": (PDF, lambda: pdf() + b"PK\x03\x04" + bytes(30), None),
    "needs-a-password.pdf": (PDF, lambda: pdf(password="secret"), "CONTENT_INVALID"),
    "needs-a-password-aes.pdf": (PDF, lambda: pdf(password="secret", algorithm="AES-256"), "CONTENT_INVALID"),
    "truncated.pdf": (PDF, lambda: _half(pdf(20)), "CONTENT_INVALID"),
    "zeroed.pdf": (PDF, lambda: _zeroed(pdf(20)), "CONTENT_INVALID"),
    "no-pages.pdf": (PDF, lambda: pdf(0), "CONTENT_INVALID"),
    "magic-only.pdf": (PDF, lambda: b"%PDF-1.7\n" + b"x" * 40, "CONTENT_INVALID"),
    "bomb.pdf": (PDF, _xref_stream_bomb, "CONTENT_INVALID"),
    "cyclic.pdf": (PDF, _cyclic_pdf, "CONTENT_INVALID"),
    "nested.pdf": (PDF, _nested_pdf, "CONTENT_INVALID"),
    "zip-named.pdf": (PDF, lambda: b"PK\x03\x04" + bytes(60), "TYPE_MISMATCH"),
    "html.txt": (TEXT, lambda: b"<html><script>alert(1)</script></html>", None),
    "bom.txt": (TEXT, lambda: b"\xef\xbb\xbfwith a mark", None),
    "pdf-and-text.txt": (TEXT, pdf, "TYPE_MISMATCH"),
    "utf-16.txt": (TEXT, lambda: "text".encode("utf-16"), "CONTENT_INVALID"),
    "latin-1.txt": (TEXT, lambda: "Grüße".encode("latin-1"), "CONTENT_INVALID"),
    "overlong.txt": (TEXT, lambda: b"\xc0\xaf overlong", "CONTENT_INVALID"),
    "nul.txt": (TEXT, lambda: b"a\0b", "CONTENT_INVALID"),
}


def main() -> None:
    """Write the files."""
    folder = Path(__file__).parents[1] / "data"
    folder.mkdir(exist_ok=True)
    for name, (_, make, _) in CASES.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    main()
