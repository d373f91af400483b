"""What people wear, from the shoulders down."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from callastar.demo.pictures.canvas import Canvas, Points, mirrored
from callastar.demo.pictures.face import AXIS
from callastar.demo.pictures.looks import Look

_SIDE: Points = ((548, 552), (640, 578), (726, 618), (772, 690), (790, 800))
BODY: Points = ((AXIS, 600), *_SIDE, (AXIS, 860), *mirrored(_SIDE, AXIS))
HIGH: Points = ((AXIS, 566), *_SIDE, (AXIS, 860), *mirrored(_SIDE, AXIS))


def _body(canvas: Canvas, look: Look, outline: Points = HIGH) -> None:
    canvas.curve(outline, look.clothes)
    canvas.inside(outline, ((610, 540), (700, 600), (690, 800), (860, 860), (860, 540)), "#000022", 0.16)


def _shirt(canvas: Canvas, look: Look) -> None:
    _body(canvas, look)
    canvas.shape(((430, 548), (480, 636), (530, 548), (480, 590)), look.skin)
    for collar in (
        ((424, 540), (404, 600), (452, 640), (480, 600)),
        ((536, 540), (556, 600), (508, 640), (480, 600)),
    ):
        canvas.shape(collar, look.accent)
    for y in (670, 720):
        canvas.disc((AXIS, y), 7, look.accent)


def _wrap(canvas: Canvas, look: Look) -> None:
    _body(canvas, look)
    canvas.shape(((412, 545), (548, 545), (486, 690)), look.skin)
    canvas.stroke(((410, 545), (446, 620), (486, 692), (500, 780)), 10, look.accent)
    canvas.stroke(((550, 545), (516, 622), (486, 692)), 10, look.accent)


def _zip(canvas: Canvas, look: Look) -> None:
    _body(canvas, look)
    canvas.curve(((410, 520), (550, 520), (566, 590), (480, 616), (394, 590)), look.clothes)
    canvas.stroke(((410, 526), (480, 556), (550, 526)), 8, look.accent)
    canvas.stroke(((AXIS, 560), (AXIS, 780)), 7, look.accent)
    for side in (((290, 640), (316, 700), (322, 780)), ((670, 640), (644, 700), (638, 780))):
        canvas.stroke(side, 12, look.accent, 0.85)


def _turtleneck(canvas: Canvas, look: Look) -> None:
    _body(canvas, look)
    canvas.panel((406, 492, 554, 606), 34, look.clothes)
    for y in (524, 552):
        canvas.stroke(((414, y), (480, y + 14), (546, y)), 4, look.accent)


def _chef(canvas: Canvas, look: Look) -> None:
    _body(canvas, look)
    canvas.curve(((414, 528), (480, 560), (546, 528), (562, 584), (480, 612), (398, 584)), look.accent)
    canvas.stroke(((430, 604), (448, 680), (440, 790)), 5, "#cfc4b2")
    for y in (640, 690, 740):
        canvas.disc((414, y), 8, look.accent)
        canvas.disc((512, y), 8, look.accent)


def _hoodie(canvas: Canvas, look: Look) -> None:
    _body(canvas, look)
    canvas.curve(
        ((390, 520), (344, 580), (400, 640), (480, 664), (560, 640), (616, 580), (570, 520), (480, 610)),
        look.clothes,
    )
    canvas.stroke(((372, 570), (420, 626), (480, 640), (540, 626), (588, 570)), 6, "#4335ad")
    for x in (446, 514):
        canvas.stroke(((x, 636), (x + 2, 690), (x - 3, 728)), 6, look.accent)


def _blazer(canvas: Canvas, look: Look) -> None:
    _body(canvas, look)
    canvas.shape(((412, 548), (548, 548), (480, 780)), look.accent)
    canvas.shape(((444, 548), (516, 548), (480, 620)), look.skin)
    lapel: Points = ((550, 538), (600, 560), (596, 626), (560, 634), (482, 790), (482, 740))
    for side in (lapel, mirrored(lapel, AXIS)):
        canvas.shape(side, look.clothes)
        canvas.shape(side, "#000020", 0.22)


def _bowtie(canvas: Canvas, look: Look) -> None:
    _blazer(canvas, replace(look, accent="#fbf7ef"))
    for wing in (((480, 586), (424, 562), (424, 616)), ((480, 586), (536, 562), (536, 616))):
        canvas.shape(wing, look.accent)
    canvas.panel((466, 572, 494, 602), 8, "#e2566b")


def _vest(canvas: Canvas, look: Look) -> None:
    canvas.curve(HIGH, look.skin)
    canvas.inside(HIGH, ((610, 540), (700, 600), (690, 800), (860, 860), (860, 540)), look.shade, 0.5)
    body = (
        (368, 566),
        (410, 590),
        (430, 660),
        (480, 684),
        (530, 660),
        (550, 590),
        (592, 566),
        (640, 660),
        (650, 860),
        (310, 860),
        (320, 660),
    )
    canvas.curve(body, look.clothes)
    canvas.stroke(((410, 592), (432, 660), (480, 684), (528, 660), (550, 592)), 7, look.accent)


GARMENTS: Mapping[str, Callable[[Canvas, Look], None]] = {
    "shirt": _shirt, "wrap": _wrap, "zip": _zip, "turtleneck": _turtleneck, "chef": _chef, "hoodie": _hoodie,
    "blazer": _blazer, "bowtie": _bowtie, "vest": _vest,
}  # fmt: skip
