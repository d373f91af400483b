"""Drawing with soft curves: coordinates are those of the finished picture, drawn larger and reduced at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TypeAlias

from PIL import Image, ImageColor, ImageDraw, ImageOps

OVERSAMPLING = 2
SOFTNESS = 4  # how much smaller a sky is painted than the rest
STEPS = 12  # straight pieces between two points of a curve
Point: TypeAlias = tuple[float, float]
Points: TypeAlias = Sequence[Point]


@dataclass(frozen=True, slots=True)
class Light:
    """Light that fades towards its edge; `strength` from 0 to 1."""

    centre: Point
    radius: float
    colour: str
    strength: float


class Canvas:
    """A picture of `width` × `height` pixels in the making."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.image = Image.new("RGB", (width * OVERSAMPLING, height * OVERSAMPLING))
        self._draw = ImageDraw.Draw(self.image, "RGBA")

    def sky(self, top: str, bottom: str, *lights: Light) -> None:
        """Fill everything from one colour above to another below, with lights in it.

        Painted small and enlarged: it has no edges, and it is most of the work.
        """
        small = (self.image.width // SOFTNESS, self.image.height // SOFTNESS)
        mask = Image.linear_gradient("L").resize(small)
        sky = ImageOps.colorize(mask, top, bottom)
        for light in lights:
            _shine(sky, light, OVERSAMPLING / SOFTNESS)
        self.image.paste(sky.resize(self.image.size, Image.Resampling.BILINEAR))

    def curve(self, points: Points, colour: str, opacity: float = 1) -> None:
        """Fill the closed curve through the points."""
        self._draw.polygon(_larger(smooth(points)), fill=_ink(colour, opacity))

    def shape(self, points: Points, colour: str, opacity: float = 1) -> None:
        """Fill the polygon with these corners."""
        self._draw.polygon(_larger(points), fill=_ink(colour, opacity))

    def disc(self, centre: Point, radius: float, colour: str, opacity: float = 1) -> None:
        """Fill a circle."""
        self.oval(centre, radius, radius, colour, opacity)

    def oval(self, centre: Point, rx: float, ry: float, colour: str, opacity: float = 1) -> None:
        """Fill an ellipse."""
        (x, y), ink = centre, _ink(colour, opacity)
        self._draw.ellipse(_box(x - rx, y - ry, x + rx, y + ry), fill=ink)

    def ring(
        self, centre: Point, rx: float, ry: float, width: float, colour: str, opacity: float = 1
    ) -> None:
        """Draw the outline of an ellipse."""
        (x, y), ink = centre, _ink(colour, opacity)
        box = _box(x - rx, y - ry, x + rx, y + ry)
        self._draw.ellipse(box, outline=ink, width=round(width * OVERSAMPLING))

    def panel(
        self, box: tuple[float, float, float, float], radius: float, colour: str, opacity: float = 1
    ) -> None:
        """Fill a rectangle with round corners: left, top, right, bottom."""
        ink = _ink(colour, opacity)
        self._draw.rounded_rectangle(_box(*box), radius=radius * OVERSAMPLING, fill=ink)

    def stroke(self, points: Points, width: float, colour: str, opacity: float = 1) -> None:
        """Draw an open curve with round ends."""
        path, half = _larger(smooth(points, closed=False)), width * OVERSAMPLING / 2
        ink = _ink(colour, opacity)
        self._draw.line(path, fill=ink, width=round(width * OVERSAMPLING), joint="curve")
        if opacity == 1:
            for x, y in (path[0], path[-1]):
                self._draw.ellipse((x - half, y - half, x + half, y + half), fill=ink)

    def star(self, centre: Point, radius: float, colour: str, opacity: float = 1) -> None:
        """A four-pointed sparkle."""
        x, y = centre
        near = radius * 0.16
        tips = [(0, -radius), (near, -near), (radius, 0), (near, near)]
        tips += [(-a, -b) for a, b in tips]
        self.shape([(x + a, y + b) for a, b in tips], colour, opacity)

    def inside(self, outline: Points, part: Points, colour: str, opacity: float = 1) -> None:
        """Fill the curve `part` where it lies within the curve `outline`: shadows and stripes."""
        around = _larger(smooth(outline))
        left, top = (round(min(places)) for places in zip(*around, strict=True))
        right, bottom = (round(max(places)) + 1 for places in zip(*around, strict=True))
        size, corner = (right - left, bottom - top), (left, top)
        wanted = _mask(size, corner, _larger(smooth(part)), round(255 * opacity))
        shown = Image.new("L", size)
        shown.paste(wanted, mask=_mask(size, corner, around, 255))
        self.image.paste(colour, corner, shown)

    def come_closer(self, *box: float) -> None:
        """Keep only what lies between left, top, right and bottom, as large as the whole was."""
        left, top, right, bottom = (round(edge) for edge in _box(*box))
        self.image = self.image.crop((left, top, right, bottom))

    def png(self) -> BytesIO:
        """The finished picture as a file, quickly rather than tightly packed."""
        out = BytesIO()
        self.image.resize(self.size, Image.Resampling.BILINEAR).save(out, "PNG", compress_level=1)
        out.seek(0)
        return out


def _catmull_rom(t: float) -> tuple[float, float, float, float]:
    """How much each of four points counts, at `t` (0 to 1) of the way from the second to the third."""
    return (
        (-t + 2 * t * t - t**3) / 2,
        (2 - 5 * t * t + 3 * t**3) / 2,
        (t + 4 * t * t - 3 * t**3) / 2,
        (t**3 - t * t) / 2,
    )


_WEIGHTS = tuple(_catmull_rom(step / STEPS) for step in range(STEPS))


def smooth(points: Points, *, closed: bool = True) -> list[Point]:
    """A curve through the points (Catmull–Rom), as short straight pieces."""
    before, after = (points[-1], points[:2]) if closed else (points[0], points[-1:])
    around = [before, *points, *after]
    path = [_between(around[i : i + 4], weights) for i in range(len(around) - 3) for weights in _WEIGHTS]
    return path if closed else [*path, points[-1]]


def mirrored(points: Points, axis: float) -> list[Point]:
    """The other half of something symmetrical, from bottom to top, to follow the given one."""
    return [(2 * axis - x, y) for x, y in reversed(points)]


def _between(four: Points, weights: Sequence[float]) -> Point:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = four
    a, b, c, d = weights
    return a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def _mask(size: tuple[int, int], corner: tuple[int, int], path: Points, value: int) -> Image.Image:
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon([(x - corner[0], y - corner[1]) for x, y in path], fill=value)
    return mask


def _shine(sky: Image.Image, light: Light, scale: float) -> None:
    fading = Image.radial_gradient("L").point(lambda value: round(255 * light.strength * _nearness(value)))
    side = round(2 * light.radius * scale)
    left, top = (round((place - light.radius) * scale) for place in light.centre)
    sky.paste(light.colour, (left, top), fading.resize((side, side), Image.Resampling.BILINEAR))


def _nearness(value: float) -> float:
    """1 in the middle of Pillow's radial gradient, 0 from the middle of its edges on."""
    return max(0.0, 1 - value / 179) ** 1.4


def _larger(points: Points) -> list[Point]:
    return [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points]


def _box(*edges: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = (edge * OVERSAMPLING for edge in edges)
    return left, top, right, bottom


def _ink(colour: str, opacity: float) -> tuple[int, ...]:
    return (*ImageColor.getrgb(colour)[:3], round(255 * opacity))
