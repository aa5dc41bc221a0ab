"""Files as researchers have them, made anew."""

import io
import random

from PIL import Image
from pypdf import PdfReader, PdfWriter


def photo(width: int, height: int, kind: str = "JPEG") -> bytes:
    """An image with gradients and grain, which compresses as badly as a photograph."""
    grain = Image.effect_noise((width, height), 60)
    slope = Image.linear_gradient("L").resize((width, height))
    glow = Image.radial_gradient("L").resize((width, height))
    out = io.BytesIO()
    Image.merge("RGB", (grain, slope, glow)).save(out, kind)
    return out.getvalue()


def manuscript(pages: int) -> bytes:
    """A PDF of scanned pages, of half a megabyte each."""
    writer = PdfWriter()
    for _ in range(pages):
        scan = io.BytesIO()
        Image.open(io.BytesIO(photo(1200, 1600))).save(scan, "PDF", quality=90)
        writer.append(PdfReader(scan))
    writer.add_metadata({"/Title": "Attention to detail in peer review"})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def largest_manuscript(size: int) -> bytes:
    """A PDF of exactly that many bytes: scanned pages, and their data as an attachment."""
    scans, attached = manuscript(4), size // 2
    while True:
        writer = PdfWriter(io.BytesIO(scans))
        writer.add_attachment("data.bin", random.Random(7).randbytes(attached))
        out = io.BytesIO()
        writer.write(out)
        if len(out.getvalue()) == size:
            return out.getvalue()
        attached += size - len(out.getvalue())
