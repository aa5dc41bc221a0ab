"""Whether an image decodes, within a limit of pixels and in bounded memory."""

import warnings
import zlib
from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin

_MOST_PIXELS = 50_000_000
"""A page of A3 at 600 dpi has 70 million, what journals ask of a figure 35 million, a camera 24 to 45."""

_MOST_SCANS = 100
"""A progressive JPEG has about ten; each costs a pass over all of its pixels."""

_PIECE = 1 << 20
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: where each of the seven passes begins, and its steps (PNG specification, §8.2).
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


PngImagePlugin.MAX_TEXT_MEMORY = 8 * _PIECE


def decodes(content: bytes, image_format: str) -> bool:
    """Whether the data are an image of that format (by Pillow's name), and all of it is there."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which the pixels do not depend on
            with Image.open(BytesIO(content), formats=[image_format]) as image:
                if image.width * image.height > _MOST_PIXELS:
                    return False
                _read_pixels(image, content)
    except (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, zlib.error, Image.DecompressionBombError):
        return False
    return True


def _read_pixels(image: ImageFile.ImageFile, content: bytes) -> None:
    if isinstance(image, PngImagePlugin.PngImageFile):
        image.verify()  # the checksum of every chunk
        _inflate(content)
        return
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        last_scan = content.rfind(b"\xff\xda")
        # Zeros in place of a lost end would decode as well.
        if content.count(b"\xff\xda") > _MOST_SCANS or content.rfind(b"\xff\xd9") < last_scan:
            raise ValueError("too many scans, or no end")
        image.draft(None, (1, 1))  # reads all of the data and makes an eighth of the pixels
    image.load()


def _inflate(content: bytes) -> None:
    """Inflate a PNG's pixels piece by piece; Pillow would hold them all at once.

    Raises:
        ValueError, zlib.error: they are not as many as its header says, or not packed as it says.
    """
    expected = _packed_size(content)
    inflater = zlib.decompressobj()
    found = 0
    for data in _chunks(content, b"IDAT"):
        while data and not inflater.eof:
            found += len(inflater.decompress(data, _PIECE))
            data = inflater.unconsumed_tail
            if found > expected:
                raise ValueError("more pixels than the header says")
    if found != expected or not inflater.eof:
        raise ValueError("not all pixels are there")


def _chunks(content: bytes, kind: bytes) -> Iterator[bytes]:
    at = len(_PNG_SIGNATURE)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] == kind:
            yield content[at + 8 : at + 8 + length]
        at += 12 + length


def _packed_size(content: bytes) -> int:
    header = next(_chunks(content, b"IHDR"), b"")
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    depth, colour, interlaced = header[8], header[9], header[12]
    bits = depth * _CHANNELS[colour]
    if not interlaced:
        return _rows(width, height, bits)
    return sum(
        _rows(-(-(width - x) // x_step), -(-(height - y) // y_step), bits)
        for x, y, x_step, y_step in _PASSES
        if width > x and height > y
    )


def _rows(width: int, height: int, bits: int) -> int:
    # A byte before each row names its filter.
    return height * (1 + (width * bits + 7) // 8)
