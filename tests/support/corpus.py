"""Files that test the checks of content: sound ones, broken ones and hostile ones, each with its outcome.

Usage: python -m tests.support.corpus   (writes them to tests/data, to look at)
"""

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import partial
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


def pdf_of_real_pages(pages: int, size: int = 0) -> bytes:
    """A document whose pages say as much as those of a journal do, filled up to about `size` bytes."""
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R/F2 6 0 R>>/ProcSet[/PDF/Text]>>"
        b"/Contents 8 0 R/Rotate 0/Group<</S/Transparency/CS/DeviceRGB>>/StructParents 7/Tabs/S/Annots[9 0 R 10 0 R]>>"
    )
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + pages))
    noise = random.Random(7).randbytes(max(0, size - pages * 300))
    return pdf_of_objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
        *[page] * pages,
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(noise), noise),
    )


def pdf_of_objects(*objects: bytes) -> bytes:
    """A document of objects numbered from one, the first of them its catalog."""
    made, offsets = io.BytesIO(b""), list[int]()
    made.write(b"%PDF-1.5\n")
    for number, content in enumerate(objects, 1):
        offsets.append(made.tell())
        made.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start, size = made.tell(), len(objects) + 1
    made.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    made.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    made.write(b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (size, start))
    return made.getvalue()


def _page_tree(kids: bytes) -> bytes:
    return pdf_of_objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[%s]>>" % kids)


def pdf_of_many_objects() -> bytes:
    """A document of a hundred thousand objects, as an accessible book may have them."""
    page, filler = b"<</Type/Page/Parent 2 0 R>>", b"<</Type/StructElem/S/Span/P 7 0 R/Pg 3 0 R/K 1>>"
    tree = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page)
    return pdf_of_objects(*tree, *[filler] * 100_000)


def _object_stream_bomb() -> bytes:
    """Small, and its catalog lies beside a string of 16 MB, each byte of which costs a parser twenty."""
    catalog, pages = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    objects = [catalog, pages, b"<</Type/Page/Parent 2 0 R>>", b"(" + b"x" * 16_000_000 + b")"]
    starts = [sum(len(other) + 1 for other in objects[:number]) for number in range(4)]
    index = b" ".join(b"%d %d" % (number, start) for number, start in enumerate(starts, 1)) + b" "
    packed = zlib.compress(index + b" ".join(objects), 9)
    made = b"%%PDF-1.5\n5 0 obj\n<</Type/ObjStm/N 4/First %d/Filter/FlateDecode" % len(index)
    made += b"/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    places = [(0, 0), *((2, 5) for _ in objects), (1, 9), (1, len(made))]
    rows = b"".join(
        bytes([kind]) + place.to_bytes(4, "big") + bytes([max(0, number - 1) if kind == 2 else 0])
        for number, (kind, place) in enumerate(places)
    )
    end = b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\n"
    return made + end % (len(rows), rows) + b"startxref\n%d\n%%%%EOF" % len(made)


def _xref_of_a_million() -> bytes:
    """Small, and says that it has a million objects."""
    catalog = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    packed = zlib.compress(b"\0\0\0\0" + b"\x01\0\x09\0" * 1_000_000, 9)
    made = b"3 0 obj\n<</Type/XRef/Size 1000001/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n"
    made = made % len(packed) + packed + b"\nendstream\nendobj\n"
    return catalog + made + b"startxref\n%d\n%%%%EOF" % len(catalog)


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


ENCRYPTIONS = ("RC4-128", "AES-128", "AES-256")
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
    "three-thousand-real-pages.pdf": (PDF, lambda: pdf_of_real_pages(3000), None),
    "too-many-pages.pdf": (PDF, lambda: pdf_of_real_pages(10_001), "CONTENT_INVALID"),
    "fans-out.pdf": (PDF, lambda: _page_tree(b"2 0 R " * 5000), "CONTENT_INVALID"),
    "page-that-is-none.pdf": (PDF, lambda: _page_tree(b"7 0 R"), "CONTENT_INVALID"),
    **{
        f"opens-for-all-{name.lower()}.pdf": (PDF, partial(pdf, password="", owner="secret", algorithm=name), None)
        for name in ENCRYPTIONS
    },
    "followed-by-zip.pdf": (PDF, lambda: pdf() + b"PK\x03\x04" + bytes(30), None),
    **{
        f"needs-a-password-{name.lower()}.pdf": (
            PDF,
            partial(pdf, password="secret", algorithm=name),
            "CONTENT_INVALID",
        )
        for name in ENCRYPTIONS
    },
    "truncated.pdf": (PDF, lambda: _half(pdf(20)), "CONTENT_INVALID"),
    "zeroed.pdf": (PDF, lambda: _zeroed(pdf(20)), "CONTENT_INVALID"),
    "no-pages.pdf": (PDF, lambda: pdf(0), "CONTENT_INVALID"),
    "magic-only.pdf": (PDF, lambda: b"%PDF-1.7\n" + b"x" * 40, "CONTENT_INVALID"),
    "bomb.pdf": (PDF, _xref_stream_bomb, "CONTENT_INVALID"),
    "bomb-of-a-string.pdf": (PDF, _object_stream_bomb, "CONTENT_INVALID"),
    "bomb-of-objects.pdf": (PDF, _xref_of_a_million, "CONTENT_INVALID"),
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
