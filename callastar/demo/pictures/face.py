"""Eyes, brows, nose, mouth, beards and glasses."""

from callastar.demo.pictures.canvas import Canvas, Points, mirrored
from callastar.demo.pictures.looks import Look

AXIS = 480.0
INK = "#2a1c2e"
_HALF: Points = ((538, 192), (584, 238), (596, 316), (586, 388), (556, 440), (514, 472))
FACE: Points = ((AXIS, 180), *_HALF, (AXIS, 480), *mirrored(_HALF, AXIS))
EYE_LINE = 334


def draw_features(canvas: Canvas, look: Look) -> None:
    """Everything between chin and forehead."""
    _cheeks(canvas)
    _BEARDS.get(look.beard, _no_beard)(canvas, look)
    for side in (-1, 1):
        _eye(canvas, look, side)
    _nose(canvas, look)
    _mouth(canvas, look)
    if look.glasses:
        _glasses(canvas)


def _cheeks(canvas: Canvas) -> None:
    for x in (AXIS - 74, AXIS + 74):
        canvas.oval((x, 392), 25, 17, "#e8604f", 0.2)


def _eye(canvas: Canvas, look: Look, side: int) -> None:
    x = AXIS + side * 50
    canvas.oval((x, EYE_LINE), 19, 13, "#fffaf2")
    canvas.disc((x + 1, EYE_LINE + 1), 11, INK)
    canvas.disc((x + 4.5, EYE_LINE - 3), 3.6, "#ffffff")
    lid = ((x - 22, EYE_LINE + 1), (x - 12, EYE_LINE - 13), (x + 6, EYE_LINE - 15), (x + 22, EYE_LINE - 3))
    canvas.stroke(lid if side > 0 else mirrored(lid, x), 5, INK)
    brow = "#3a2a30" if look.hairstyle in {"scarf", "bald"} else look.hair
    arch = ((x - 26, 304), (x - 4, 292), (x + 26, 301))
    canvas.stroke(arch if side > 0 else mirrored(arch, x), 8 if look.beard else 6, brow)


def _nose(canvas: Canvas, look: Look) -> None:
    canvas.stroke(((AXIS + 3, 346), (AXIS + 12, 378), (AXIS + 4, 389), (AXIS - 10, 388)), 5, look.shade)


def _mouth(canvas: Canvas, look: Look) -> None:
    if look.grin:
        smile = (
            (AXIS - 42, 414),
            (AXIS, 422),
            (AXIS + 42, 414),
            (AXIS + 26, 441),
            (AXIS, 450),
            (AXIS - 26, 441),
        )
        canvas.curve(smile, "#7a2434")
        canvas.inside(
            smile, ((AXIS - 40, 405), (AXIS + 40, 405), (AXIS + 30, 428), (AXIS - 30, 428)), "#fff8f0"
        )
        canvas.stroke(((AXIS - 44, 412), (AXIS, 421), (AXIS + 44, 412)), 5, look.lips)
    else:
        canvas.stroke(((AXIS - 36, 419), (AXIS - 14, 431), (AXIS + 14, 431), (AXIS + 36, 419)), 9, look.lips)


def _glasses(canvas: Canvas) -> None:
    for x in (AXIS - 51, AXIS + 51):
        canvas.oval((x, EYE_LINE + 3), 40, 35, "#ffffff", 0.14)
        canvas.ring((x, EYE_LINE + 3), 41, 36, 6, "#1c1a2c")
    canvas.stroke(((AXIS - 11, 331), (AXIS, 325), (AXIS + 11, 331)), 6, "#1c1a2c")


def _no_beard(_canvas: Canvas, _look: Look) -> None:
    return


def _full_beard(canvas: Canvas, look: Look) -> None:
    inner = ((AXIS, 398), (522, 396), (560, 386), (582, 352), (594, 318))
    outer = ((598, 360), (586, 424), (550, 478), (512, 504))
    half = (*inner, *outer, (AXIS, 510))
    canvas.curve((*half, *mirrored(half[1:-1], AXIS)), look.hair)


def _stubble(canvas: Canvas, look: Look) -> None:
    canvas.inside(
        FACE,
        ((350, 360), (410, 396), (480, 400), (550, 396), (610, 360), (610, 500), (350, 500)),
        look.hair,
        0.5,
    )


def _goatee(canvas: Canvas, look: Look) -> None:
    canvas.curve(
        ((AXIS, 456), (AXIS + 26, 462), (AXIS + 14, 494), (AXIS, 504), (AXIS - 14, 494), (AXIS - 26, 462)),
        look.hair,
    )
    canvas.stroke(
        ((AXIS - 48, 410), (AXIS - 20, 402), (AXIS, 407), (AXIS + 20, 402), (AXIS + 48, 410)), 9, look.hair
    )


_BEARDS = {"full": _full_beard, "stubble": _stubble, "goatee": _goatee}
