"""A person in half length, in front of a night sky with a warm light."""

from callastar.demo.pictures import garments, hair
from callastar.demo.pictures.canvas import Canvas, Light, Points
from callastar.demo.pictures.face import AXIS, FACE, draw_features
from callastar.demo.pictures.looks import Look

WIDTH, HEIGHT = 960, 768
FRAME = (80, 40, 880, 680)  # what is kept: a face that can be told on a small picture
STARS = (
    (150, 124, 15),
    (188, 320, 8),
    (150, 500, 6),
    (262, 92, 9),
    (700, 84, 8),
    (826, 172, 17),
    (808, 402, 9),
)
NECK: Points = (
    (430, 420),
    (428, 500),
    (408, 548),
    (400, 600),
    (560, 600),
    (552, 548),
    (532, 500),
    (530, 420),
)


def draw_portrait(look: Look) -> Canvas:
    """The portrait, not yet a file."""
    canvas = Canvas(WIDTH, HEIGHT)
    _backdrop(canvas, look)
    hair.BACK.get(look.hairstyle, hair.nothing)(canvas, look)
    _neck(canvas, look)
    garments.GARMENTS[look.garment](canvas, look)
    _head(canvas, look)
    draw_features(canvas, look)
    hair.FRONT[look.hairstyle](canvas, look)
    hair.OVER.get(look.hairstyle, hair.nothing)(canvas, look)
    canvas.come_closer(*FRAME)
    return canvas


def _backdrop(canvas: Canvas, look: Look) -> None:
    canvas.sky(*look.sky, Light((700, 210), 520, look.light, 0.5))
    canvas.disc((AXIS, 372), 318, look.light, 0.16)
    canvas.disc((AXIS, 372), 262, look.light, 0.2)
    for x, y, radius in STARS:
        canvas.star((x, y), radius, "#ffe7b0", 0.85)


def _neck(canvas: Canvas, look: Look) -> None:
    canvas.curve(NECK, look.skin)
    canvas.inside(NECK, ((420, 430), (440, 505), (500, 530), (545, 490), (545, 420)), look.shade)


def _head(canvas: Canvas, look: Look) -> None:
    if look.hairstyle not in hair.COVERS_EARS:
        for x in (AXIS - 116, AXIS + 116):
            canvas.oval((x, 338), 20, 32, look.skin)
            canvas.oval((x, 340), 9, 18, look.shade)
    canvas.curve(FACE, look.skin)
    side = (
        (AXIS + 62, 170),
        (AXIS + 88, 300),
        (AXIS + 70, 420),
        (AXIS + 10, 490),
        (AXIS + 190, 480),
        (AXIS + 190, 170),
    )
    canvas.inside(FACE, side, look.shade, 0.45)
