"""Uploaded images become new ones: decoded, cropped, written again as WebP. Nothing of the upload itself is kept."""

import struct
from dataclasses import dataclass
from io import BytesIO
from secrets import token_hex
from typing import BinaryIO

from django.core.files.base import ContentFile
from PIL import Image, ImageOps

MAX_BYTES = 8_000_000
MAX_PIXELS = 50_000_000  # a 50-megapixel photograph; a bomb claims more
FORMATS = ("JPEG", "PNG", "WEBP")
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp")
QUALITY = 82
_BROKEN = (OSError, SyntaxError, ValueError, struct.error, EOFError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels, twice of what pages show."""

    width: int
    height: int


PORTRAIT = Size(960, 768)
BANNER = Size(1920, 640)


class NotAnImageError(ValueError):
    """The upload is no picture of a kind that is taken, or it is broken, or far too large."""


def reencode(upload: BinaryIO, size: Size) -> "ContentFile[bytes]":
    """A new WebP of exactly `size` under a random name, without metadata. Raises `NotAnImageError`."""
    data = upload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotAnImageError("too many bytes")
    try:
        picture = _decode(data, size)
    except _BROKEN as error:
        raise NotAnImageError(str(error)) from error
    return ContentFile(_encode(picture, size), name=f"{token_hex(16)}.webp")


def _decode(data: bytes, size: Size) -> Image.Image:
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise NotAnImageError("too many pixels")
        image.draft("RGB", (size.width * 2, size.height * 2))  # lets JPEG skip detail that is cropped away
        return ImageOps.exif_transpose(image).convert("RGBA")


def _encode(picture: Image.Image, size: Size) -> bytes:
    fitted = ImageOps.fit(picture, (size.width, size.height), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", fitted.size, "white")
    canvas.paste(fitted, mask=fitted.getchannel("A"))
    out = BytesIO()
    canvas.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
