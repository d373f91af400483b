"""A wide night scene for the top of a creator's page, each with a motif of what they do."""

import math
from collections.abc import Callable, Mapping
from random import Random

from callastar.demo.pictures.canvas import Canvas, Light, Point
from callastar.demo.pictures.looks import Look

WIDTH, HEIGHT = 1920, 640
NIGHT = "#0b1026"
GOLD = "#ffd98a"
Scene = Callable[[Canvas, Look, Random], None]


def draw_banner(slug: str, look: Look) -> Canvas:
    """The banner, not yet a file; the slug decides where its stars are."""
    chance = Random(slug)  # noqa: S311 - scattered stars, no secret
    canvas = Canvas(WIDTH, HEIGHT)
    moon = Light((1400, 330), 760, look.light, 0.55)
    canvas.sky(*look.sky, moon, Light((240, 700), 520, look.clothes, 0.35))
    _stars(canvas, chance)
    SCENES[look.scene](canvas, look, chance)
    return canvas


def _stars(canvas: Canvas, chance: Random) -> None:
    for _ in range(70):
        place = (chance.uniform(0, WIDTH), chance.uniform(0, 420))
        canvas.disc(place, chance.uniform(1, 2.6), "#ffffff", chance.uniform(0.25, 0.8))
    for _ in range(9):
        canvas.star(
            (chance.uniform(40, 1880), chance.uniform(30, 330)), chance.uniform(9, 20), "#ffe7b0", 0.9
        )


def _ridge(canvas: Canvas, heights: tuple[float, ...], colour: str, opacity: float) -> None:
    step = WIDTH / (len(heights) - 1)
    line: list[Point] = [(number * step, height) for number, height in enumerate(heights)]
    canvas.curve(
        [(-200, 900), (-80, heights[0]), *line, (WIDTH + 80, heights[-1]), (WIDTH + 200, 900)],
        colour,
        opacity,
    )


def _music(canvas: Canvas, look: Look, chance: Random) -> None:
    for number in range(5):
        y = 300.0 + 34 * number
        wave = [(x, y + 46 * math.sin(x / 210 + number / 9)) for x in range(-60, WIDTH + 121, 60)]
        canvas.stroke(wave, 3, GOLD, 0.55)
    for number, x in enumerate((300, 520, 760, 1010, 1230, 1440, 1690)):
        y = 368 + 46 * math.sin(x / 210) + (-34, 17, 51, -17, 34, 0, 60)[number]
        canvas.oval((x, y), 24, 18, GOLD)
        canvas.stroke(((x + 21, y - 6), (x + 21, y - 112)), 6, GOLD)
        if number % 2:
            canvas.stroke(((x + 21, y - 112), (x + 46, y - 84), (x + 50, y - 52)), 7, GOLD)


def _peaks(canvas: Canvas, look: Look, chance: Random) -> None:
    canvas.disc((1400, 300), 108, "#ffe3a3", 0.95)
    for base, colour, opacity in ((430, "#2a5f7c", 0.75), (500, "#173f60", 0.9), (570, NIGHT, 0.95)):
        tops: list[Point] = [(-40, 700)]
        for x in range(-40, WIDTH + 160, 190):
            tops += [(x, base + chance.uniform(-10, 40)), (x + 95, base - chance.uniform(90, 190))]
        canvas.shape([*tops, (WIDTH + 60, 700)], colour, opacity)
    path = ((180, 640), (520, 590), (760, 604), (1040, 560), (1280, 572), (1460, 520))
    canvas.stroke(path, 7, GOLD)
    canvas.disc(path[-1], 13, GOLD)


def _stage(canvas: Canvas, look: Look, chance: Random) -> None:
    for x, lean in ((420, -160), (960, 20), (1460, 190)):
        foot = x + lean
        canvas.shape(((x - 26, -10), (x + 26, -10), (foot + 190, 570), (foot - 190, 570)), look.light, 0.2)
        canvas.oval((foot, 568), 190, 26, look.light, 0.4)
    canvas.shape(((0, 560), (WIDTH, 560), (WIDTH, 640), (0, 640)), NIGHT, 0.85)
    for side in (0, 1):
        for number in range(5):
            x = number * 62 if side == 0 else WIDTH - number * 62
            fold = (
                (x - 52, -20),
                (x + 52, -20),
                (x + 44, 300),
                (x + 50 - 12 * number, 660),
                (x - 50, 660),
                (x - 46, 300),
            )
            canvas.curve(fold, "#8f2346" if number % 2 else "#a93354")
    _microphone(canvas, (980, 330))


def _microphone(canvas: Canvas, top: Point) -> None:
    x, y = top
    canvas.panel((x - 4, y + 40, x + 4, 568), 4, "#1a1c3a")
    canvas.oval((x, 570), 58, 10, "#1a1c3a")
    canvas.panel((x - 24, y - 48, x + 24, y + 36), 24, "#d9dcea")
    for step in range(3):
        canvas.stroke(((x - 20, y - 24 + 16 * step), (x + 20, y - 24 + 16 * step)), 4, "#8d93b3")
    canvas.panel((x - 14, y + 30, x + 14, y + 70), 8, "#2b2f55")


def _leaves(canvas: Canvas, look: Look, chance: Random) -> None:
    for _ in range(26):
        place = (chance.uniform(0, WIDTH), chance.uniform(60, 560))
        canvas.disc(place, chance.uniform(14, 60), look.light, chance.uniform(0.06, 0.2))
    for number in range(17):
        x = number * 122 + chance.uniform(-30, 30)
        _leaf(
            canvas,
            (x, 660),
            chance.uniform(150, 300),
            chance.uniform(-0.5, 0.5),
            ("#1c5b41", "#3b9a6d", "#d9a441")[number % 3],
        )


def _leaf(canvas: Canvas, foot: Point, length: float, lean: float, colour: str) -> None:
    def at(along: float, aside: float) -> Point:
        angle = lean * along
        x, y = aside * length, along * length
        return foot[0] + x * math.cos(angle) + y * math.sin(angle), foot[1] - y * math.cos(
            angle
        ) + x * math.sin(angle)

    outline = [at(0, 0), at(0.3, -0.15), at(0.65, -0.13), at(1, 0), at(0.65, 0.13), at(0.3, 0.15)]
    canvas.curve(outline, colour)
    canvas.stroke([at(0, 0), at(0.5, 0), at(0.92, 0)], 3, "#f6efdc", 0.5)


def _pixels(canvas: Canvas, look: Look, chance: Random) -> None:
    side = 40
    for column in range(WIDTH // side):
        height = round(3 + 3 * math.sin(column / 5) + 2.4 * math.sin(column / 2.2))
        for row in range(max(1, height)):
            colour = ("#5b4bd6", "#7a5df0", "#35d0c5")[(column + row) % 3]
            y = HEIGHT - (row + 1) * side
            canvas.shape(_square(column * side, y, side - 3), colour, 0.35 + 0.5 * row / max(1, height))
    for number, (x, y) in enumerate(((340, 250), (700, 330), (1130, 220), (1500, 300))):
        for a, b in ((1, 0), (0, 1), (1, 1), (2, 1), (1, 2)):
            canvas.shape(_square(x + a * 22, y + b * 22, 20), GOLD if number % 2 else look.light)


def _square(x: float, y: float, side: float) -> list[Point]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def _drapes(canvas: Canvas, look: Look, chance: Random) -> None:
    colours = ("#f6c9a8", "#e58f83", "#c05f86", "#8b3f7e", "#5b2b6b")
    for number, colour in enumerate(colours):
        base = 200 + 90 * number
        heights = tuple(base + 70 * math.sin(step * 0.9 + number * 1.3) for step in range(9))
        _ridge(canvas, heights, colour, 0.55)
        thread = [(step * 240, height - 4) for step, height in enumerate(heights)]
        canvas.stroke(thread, 3, GOLD, 0.7)


def _planets(canvas: Canvas, look: Look, chance: Random) -> None:
    for rx in (260, 400, 560, 740):
        canvas.ring((1330, 330), rx, rx * 0.42, 2.5, "#c9d4ff", 0.4)
    for radius, opacity in ((190, 0.12), (145, 0.2), (92, 1)):
        canvas.disc((1330, 330), radius, "#ffcf6b", opacity)
    for x, y, radius, colour in (
        (1070, 338, 24, "#8fd3e8"),
        (1600, 450, 40, "#e58f83"),
        (870, 213, 30, "#b9a2ff"),
        (640, 420, 58, "#5f7be0"),
    ):
        canvas.disc((x, y), radius, colour)
        canvas.oval((x + radius * 0.3, y + radius * 0.12), radius * 0.68, radius * 0.8, NIGHT, 0.16)
    canvas.ring((640, 420), 104, 24, 7, GOLD, 0.85)
    canvas.stroke(((180, 120), (330, 190), (420, 150), (540, 230)), 2, "#c9d4ff", 0.7)
    for place in ((180, 120), (330, 190), (420, 150), (540, 230)):
        canvas.disc(place, 6, "#ffffff")


def _skyline(canvas: Canvas, look: Look, chance: Random) -> None:
    canvas.disc((1400, 330), 130, "#ffd98a", 0.95)
    for layer, colour in enumerate(("#3d4478", "#222a5c", NIGHT)):
        x = -20.0
        while x < WIDTH:
            width, top = chance.uniform(70, 150), 300 + 80 * layer + chance.uniform(0, 150)
            canvas.shape(((x, top), (x + width, top), (x + width, 660), (x, 660)), colour, 0.92)
            _windows(canvas, (x, top), width, chance)
            x += width + chance.uniform(0, 26)


def _windows(canvas: Canvas, corner: Point, width: float, chance: Random) -> None:
    for column in range(int(width // 26)):
        for row in range(6):
            if chance.random() < 0.4:
                x, y = corner[0] + 12 + 26 * column, corner[1] + 18 + 34 * row
                canvas.shape(((x, y), (x + 11, y), (x + 11, y + 16), (x, y + 16)), GOLD, 0.75)


def _brush(canvas: Canvas, look: Look, chance: Random) -> None:
    colours = ("#ffd06b", "#e2654f", "#3fa6a0", "#f6e3c0", "#8f5bb5", "#f29a4a")
    for number, colour in enumerate(colours):
        y = 250 + 66 * number
        sweep = [(x, y + 52 * math.sin(x / 260 + number) - x * 0.04) for x in range(-80, WIDTH + 161, 80)]
        canvas.curve([*sweep, *((x, height + 46 - 3 * number) for x, height in reversed(sweep))], colour)
    for _ in range(40):
        place = (chance.uniform(0, WIDTH), chance.uniform(80, 560))
        canvas.disc(place, chance.uniform(3, 11), chance.choice(colours), 0.9)


def _shore(canvas: Canvas, look: Look, chance: Random) -> None:
    canvas.disc((1400, 360), 120, "#fff0c4", 0.96)
    for number, colour in enumerate(("#3d7f97", "#2c6584", "#1f4f70", "#153a59")):
        base = 400 + 62 * number
        heights = tuple(base + 13 * math.sin(step * 1.7 + number * 2) for step in range(15))
        _ridge(canvas, heights, colour, 0.93)
    for number in range(7):
        half = 120 - 13 * number
        canvas.stroke(((1400 - half, 424 + 30 * number), (1400 + half, 424 + 30 * number)), 6, "#fff0c4", 0.5)


SCENES: Mapping[str, Scene] = {
    "music": _music, "peaks": _peaks, "stage": _stage, "leaves": _leaves, "pixels": _pixels, "drapes": _drapes,
    "planets": _planets, "skyline": _skyline, "brush": _brush, "shore": _shore,
}  # fmt: skip
