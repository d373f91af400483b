"""Uploads are decoded and written anew (PE-2)."""

from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from callastar.creators import images
from callastar.creators.images import PORTRAIT, NotAnImageError, Size, reencode

SMALL = Size(40, 20)


def _file(
    kind: str = "JPEG", size: tuple[int, int] = (400, 300), mode: str = "RGB", **options: object
) -> BytesIO:
    out = BytesIO()
    Image.new(mode, size, "red").save(out, kind, **options)
    out.seek(0)
    return out


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")]
)
def test_every_kind_becomes_webp_of_one_size(kind: str, mode: str) -> None:
    """PE-2: bounded size."""
    new = reencode(_file(kind, mode=mode), PORTRAIT)
    with Image.open(BytesIO(new.read())) as image:
        assert (image.format, image.size, image.mode) == ("WEBP", (960, 768), "RGB")


def test_nothing_of_the_upload_is_kept() -> None:
    """PE-2: no EXIF (place, camera), no comments, no profile, another name."""
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825)[1] = "N"
    new = reencode(_file(exif=exif.tobytes(), comment=b"secret", icc_profile=b"profile"), SMALL)
    data = new.read()
    with Image.open(BytesIO(data)) as image:
        assert not image.getexif()
        assert "icc_profile" not in image.info
    assert b"secret" not in data
    assert b"taken at home" not in data
    assert new.name is not None
    assert len(new.name) == 32 + len(".webp")


def test_pictures_are_upright() -> None:
    """PE-2: the camera's turn is applied before its note is dropped."""
    picture = Image.new("RGB", (40, 20), "white")
    picture.paste("black", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    out = BytesIO()
    picture.save(out, "JPEG", exif=exif.tobytes())
    with Image.open(BytesIO(reencode(BytesIO(out.getvalue()), SMALL).read())) as image:
        left, right = image.convert("L").getpixel((5, 10)), image.convert("L").getpixel((35, 10))
    assert (left, right) > (200, 0)
    assert right < 50


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 100,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"%PDF-1.7",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    """PE-2."""
    with pytest.raises(NotAnImageError):
        reencode(BytesIO(data), SMALL)


def test_other_kinds_and_broken_files_are_refused() -> None:
    """PE-2: only what browsers send as photographs."""
    for kind in ("GIF", "BMP", "TIFF"):
        with pytest.raises(NotAnImageError):
            reencode(_file(kind), SMALL)
    whole = _file(size=(800, 600)).getvalue()
    with pytest.raises(NotAnImageError):
        reencode(BytesIO(whole[: len(whole) // 2]), SMALL)


def test_bombs_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """PE-2: a small file that claims a huge picture."""
    with pytest.raises(NotAnImageError):
        reencode(_file("PNG", size=(20_000, 3_000), mode="1"), SMALL)
    monkeypatch.setattr(images, "MAX_BYTES", 100)
    with pytest.raises(NotAnImageError):
        reencode(_file(), SMALL)


def test_png_text_is_dropped() -> None:
    """PE-2."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "somebody private")
    assert b"somebody private" not in reencode(_file("PNG", pnginfo=notes), SMALL).read()
