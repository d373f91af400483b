"""Hairstyles: what lies behind the head, on it, and over everything."""

from collections.abc import Callable, Mapping

from callastar.demo.pictures.canvas import Canvas, Points, mirrored
from callastar.demo.pictures.face import AXIS, FACE
from callastar.demo.pictures.looks import Look

Part = Callable[[Canvas, Look], None]
COVERS_EARS = frozenset({"waves", "parted", "bob", "scarf", "afro"})


def nothing(_canvas: Canvas, _look: Look) -> None:
    """Nothing to draw."""


def _earrings(canvas: Canvas, look: Look, y: float = 392) -> None:
    if look.earrings:
        for x in (AXIS - 118, AXIS + 118):
            canvas.ring((x, y), 13, 17, 5, "#ffcf5e")


def _waves_back(canvas: Canvas, look: Look) -> None:
    side = (
        (556, 142),
        (626, 190),
        (646, 280),
        (640, 370),
        (668, 440),
        (648, 520),
        (676, 590),
        (620, 640),
        (560, 600),
    )
    canvas.curve(((AXIS, 128), *side, (AXIS, 560), *mirrored(side, AXIS)), look.hair)


def _waves_front(canvas: Canvas, look: Look) -> None:
    outline: Points = (
        (430, 172), (520, 148), (596, 196), (624, 290), (612, 400), (590, 330), (560, 262), (500, 226),
        (446, 220), (400, 262), (374, 340), (350, 400), (338, 300), (364, 210),
    )  # fmt: skip
    canvas.curve(outline, look.hair)
    canvas.stroke(((446, 200), (520, 196), (576, 246), (602, 330)), 5, "#7a3a44")
    _earrings(canvas, look, 410)


def _parted_back(canvas: Canvas, look: Look) -> None:
    side = ((548, 146), (614, 192), (634, 290), (640, 420), (650, 560), (640, 690), (560, 700))
    canvas.curve(((AXIS, 134), *side, (AXIS, 640), *mirrored(side, AXIS)), look.hair)


def _parted_front(canvas: Canvas, look: Look) -> None:
    half = (
        (AXIS, 150),
        (548, 158),
        (604, 214),
        (622, 320),
        (618, 440),
        (596, 400),
        (582, 310),
        (548, 238),
        (AXIS + 2, 192),
    )
    canvas.curve(half, look.hair)
    canvas.curve(mirrored(half, AXIS), look.hair)
    _earrings(canvas, look)


def _crop_front(canvas: Canvas, look: Look) -> None:
    outline: Points = (
        (364, 318), (358, 250), (384, 186), (440, 150), (520, 146), (580, 186), (602, 250), (596, 318),
        (584, 268), (556, 234), (480, 224), (404, 234), (376, 268),
    )  # fmt: skip
    canvas.curve(outline, look.hair)
    canvas.shape(((362, 270), (376, 262), (378, 340), (366, 332)), look.hair)
    canvas.shape(((598, 270), (584, 262), (582, 340), (594, 332)), look.hair)


def _swept_front(canvas: Canvas, look: Look) -> None:
    outline: Points = (
        (360, 330), (350, 250), (372, 176), (446, 130), (540, 132), (602, 180), (616, 250), (600, 330),
        (586, 276), (560, 228), (500, 210), (430, 226), (388, 262),
    )  # fmt: skip
    canvas.curve(outline, look.hair)
    canvas.stroke(((398, 226), (440, 176), (520, 160), (580, 200)), 5, "#dfe1ea")
    canvas.stroke(((420, 216), (470, 186), (540, 182)), 4, "#dfe1ea")


def _bun_back(canvas: Canvas, look: Look) -> None:
    canvas.disc((AXIS, 122), 66, look.hair)
    canvas.stroke(((440, 120), (474, 92), (516, 104)), 6, "#d8934f")


def _bun_front(canvas: Canvas, look: Look) -> None:
    outline: Points = (
        (362, 330), (356, 246), (386, 178), (450, 148), (510, 148), (574, 178), (604, 246), (598, 330),
        (586, 276), (548, 226), (480, 206), (412, 226), (374, 276),
    )  # fmt: skip
    canvas.curve(outline, look.hair)
    band = (
        (366, 262),
        (392, 204),
        (450, 178),
        (510, 178),
        (568, 204),
        (594, 262),
        (578, 232),
        (520, 204),
        (440, 204),
        (382, 232),
    )
    canvas.curve(band, look.accent)


def _curls_back(canvas: Canvas, look: Look) -> None:
    for x, y, radius in (
        (370, 250, 52),
        (392, 182, 58),
        (450, 144, 62),
        (520, 146, 62),
        (574, 188, 56),
        (594, 252, 48),
    ):
        canvas.disc((x, y), radius, look.hair)


def _curls_front(canvas: Canvas, look: Look) -> None:
    for x, y, radius in ((392, 226, 36), (432, 200, 42), (484, 188, 42), (534, 202, 40), (572, 234, 32)):
        canvas.disc((x, y), radius, look.hair)
    for x, y in ((420, 176), (480, 150), (544, 180)):
        canvas.stroke(((x - 22, y + 8), (x, y - 12), (x + 22, y + 8)), 5, "#553a66")


def _headset(canvas: Canvas, look: Look) -> None:
    arc = ((352, 330), (340, 220), (400, 118), (480, 92), (560, 118), (620, 220), (608, 330))
    canvas.stroke(arc, 20, "#11142f")
    canvas.stroke(arc, 7, look.accent)
    for x in (352, 608):
        canvas.panel((x - 30, 290, x + 30, 392), 26, "#11142f")
        canvas.panel((x - 14, 312, x + 14, 370), 14, look.accent)
    canvas.stroke(((354, 388), (370, 446), (430, 458)), 8, "#11142f")
    canvas.oval((438, 458), 16, 10, "#11142f")


def _scarf_back(canvas: Canvas, look: Look) -> None:
    side = ((556, 132), (626, 186), (648, 300), (636, 430), (660, 540), (700, 640), (620, 700))
    canvas.curve(((AXIS, 112), *side, (AXIS, 700), *mirrored(side, AXIS)), look.hair)


def _scarf_front(canvas: Canvas, look: Look) -> None:
    outer = ((552, 142), (612, 196), (632, 300), (614, 410), (570, 490), (520, 524))
    inner = ((516, 484), (556, 446), (580, 390), (588, 316), (572, 246), (530, 208))
    for half in (((AXIS, 122), *outer, *inner, (AXIS, 198)),):
        canvas.curve(half, look.hair)
        canvas.curve(mirrored(half, AXIS), look.hair)
    canvas.curve(
        ((372, 470), (480, 506), (600, 450), (676, 560), (640, 660), (520, 620), (400, 640), (320, 600)),
        look.hair,
    )
    for fold in (
        ((390, 500), (480, 540), (600, 500)),
        ((372, 552), (480, 590), (630, 560)),
        ((400, 176), (480, 150), (572, 190)),
    ):
        canvas.stroke(fold, 5, "#2f8d96")
    canvas.disc((604, 470), 11, look.accent)


def _bob_back(canvas: Canvas, look: Look) -> None:
    side = ((552, 138), (622, 186), (646, 290), (648, 400), (640, 476), (590, 500))
    canvas.curve(((AXIS, 126), *side, (AXIS, 480), *mirrored(side, AXIS)), look.hair)


def _bob_front(canvas: Canvas, look: Look) -> None:
    outline: Points = (
        (AXIS, 142), (560, 160), (612, 220), (624, 320), (622, 440), (592, 450), (590, 360), (580, 286),
        (530, 280), (480, 284), (430, 280), (380, 286), (370, 360), (368, 450), (338, 440), (336, 320),
        (348, 220), (400, 160),
    )  # fmt: skip
    canvas.curve(outline, look.hair)
    canvas.stroke(((400, 212), (450, 180), (520, 176)), 5, "#5a4036")


def _afro_back(canvas: Canvas, look: Look) -> None:
    ring = ((480, 210), (384, 224), (576, 224), (338, 300), (622, 300), (346, 372), (614, 372))
    for x, y in ring:
        canvas.disc((x, y), 118 if y < 300 else 84, look.hair)


def _afro_front(canvas: Canvas, look: Look) -> None:
    for x, y, radius in ((380, 246, 46), (426, 206, 48), (480, 192, 48), (534, 206, 48), (580, 246, 46)):
        canvas.disc((x, y), radius, look.hair)
    _earrings(canvas, look, 410)


def _braid_front(canvas: Canvas, look: Look) -> None:
    outline: Points = (
        (360, 340), (352, 250), (376, 180), (440, 142), (520, 142), (584, 180), (608, 250), (600, 340),
        (584, 280), (540, 246), (500, 196), (440, 236), (392, 270), (374, 310),
    )  # fmt: skip
    canvas.curve(outline, look.hair)
    canvas.stroke(((404, 220), (450, 176), (500, 168)), 5, "#e07a48")


def _braid_over(canvas: Canvas, look: Look) -> None:
    for number, (x, y) in enumerate(((606, 372), (618, 420), (622, 470), (614, 520), (600, 566), (584, 608))):
        canvas.oval((x, y), 30 - 2 * number, 32 - number, look.hair)
        canvas.stroke(((x - 18, y - 8), (x, y + 12), (x + 18, y - 8)), 5, "#93381a")
    canvas.disc((574, 640), 12, look.accent)
    canvas.curve(((562, 648), (586, 648), (596, 700), (572, 716), (556, 696)), look.hair)


def _pompadour_front(canvas: Canvas, look: Look) -> None:
    outline: Points = (
        (362, 330), (352, 256), (356, 190), (390, 120), (470, 92), (560, 106), (606, 160), (606, 250),
        (598, 330), (584, 262), (548, 222), (470, 214), (400, 232), (374, 280),
    )  # fmt: skip
    canvas.curve(outline, look.hair)
    canvas.stroke(((396, 200), (420, 142), (490, 122), (560, 148)), 6, "#574149")


def _bald_front(canvas: Canvas, look: Look) -> None:
    canvas.inside(FACE, ((400, 196), (440, 186), (470, 196), (430, 226), (400, 236)), "#ffffff", 0.14)


BACK: Mapping[str, Part] = {
    "waves": _waves_back, "parted": _parted_back, "bun": _bun_back, "curls": _curls_back,
    "scarf": _scarf_back, "bob": _bob_back, "afro": _afro_back,
}  # fmt: skip
FRONT: Mapping[str, Part] = {
    "waves": _waves_front, "parted": _parted_front, "crop": _crop_front, "swept": _swept_front, "bun": _bun_front,
    "curls": _curls_front, "scarf": _scarf_front, "bob": _bob_front, "afro": _afro_front, "braid": _braid_front,
    "pompadour": _pompadour_front, "bald": _bald_front,
}  # fmt: skip
OVER: Mapping[str, Part] = {"curls": _headset, "braid": _braid_over}
