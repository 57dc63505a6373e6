"""Handwritten-looking digits drawn from scratch: the data set to fall back on where MNIST cannot be had.

Every digit is a pen path: smooth curves through hand-placed points, in several ways of writing it. An image
blends two drawings of one way of writing, unsettles the points, slants, turns and bends the whole, and inks
the path with a pen of its own width. The result is framed as MNIST frames its digits: ink fitted into
20 x 20 pixels, its centre of mass in the middle of 28 x 28, white (255) on black (0).

The same seed gives the same images: random numbers come from ``np.random.RandomState``, whose streams never
change between numpy versions, and each chunk of images has a stream of its own, so threads cannot disturb it.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

_SIDE = 28  # pixels along the image
_BOX = 20.0  # pixels that the longer side of the ink fills
_PIECES = 88  # short pieces a pen path is cut into; less than a pixel each
_CHUNK = 1_000  # images drawn together: large enough for numpy, small enough for the processor's cache
_WORKERS = 2

# First word of a random stream's key after the seed.
_TRAIN, _TEST, _DRAW = 0, 1, 2

# The ways of writing each digit: how common each is, and two drawings of it that images blend. A drawing is a
# list of points "x,y", x to the right and y down, about 100 units tall. The pen runs smoothly through them;
# "/" is a sharp turn at the point before it, "|" lifts the pen. Both drawings have points and marks in step.
# fmt: off
_WAYS: dict[int, list[tuple[float, str, str]]] = {
    0: [
        # closed at the top, round to narrow
        (5, "38,3 14,14 2,50 14,87 36,98 60,85 70,49 58,14 36,2",
            "30,2 14,15 5,52 10,87 26,98 42,85 49,48 41,14 28,3"),
        # the end crosses over the start
        (3, "46,12 24,3 6,32 6,70 28,97 56,84 64,46 50,14 26,5",
            "44,4 20,8 3,36 5,76 26,98 50,84 58,44 46,12 18,14"),
        # the pen starts or ends with a curl inside
        (1, "36,30 46,17 32,4 10,20 2,56 16,90 42,97 62,76 64,40 50,12 30,8",
            "24,22 36,14 30,3 12,18 2,54 12,88 34,98 54,80 58,44 48,12 24,6"),
        # not quite closed
        (1, "26,6 8,26 2,60 18,94 44,95 62,68 60,28 42,5",
            "36,2 14,20 4,56 12,90 34,97 52,74 54,34 44,10"),
        # clockwise from the left, wide
        (1, "10,36 24,8 52,3 72,28 68,66 42,92 12,84 2,56 10,28",
            "4,48 16,10 40,2 60,22 60,66 40,97 16,90 4,62 8,34"),
    ],
    1: [
        (8, "30,0 29,33 28,66 27,100",
            "31,0 27,33 27,66 31,100"),
        (1.2, "10,24 22,14 32,0 / 31,35 30,70 30,100",
              "20,16 27,10 32,0 / 30,35 30,70 29,100"),
        (0.4, "12,22 22,14 32,0 / 32,35 31,70 30,98 | 8,99 30,98 54,97",
              "20,14 26,9 32,0 / 31,35 30,70 30,98 | 14,97 30,98 46,100"),
    ],
    2: [
        # sharp turn at the foot
        (4, "6,24 20,4 44,4 54,26 40,56 22,77 3,97 / 32,95 66,96",
            "2,14 22,2 44,10 44,32 32,56 18,76 2,95 / 34,92 70,98"),
        # loop at the foot
        (4, "6,26 18,6 42,3 54,24 44,54 24,82 9,95 1,86 13,77 32,86 50,97 68,90",
            "2,18 20,3 42,10 46,32 36,58 18,86 5,97 0,89 12,82 34,90 54,95 76,86"),
        # a flat roof, like a Z
        (0.7, "6,10 20,5 36,5 56,9 / 44,36 24,68 4,95 / 34,93 66,94",
              "4,16 18,6 36,5 52,14 / 42,40 24,66 2,94 / 32,95 68,90"),
        # hook at the start, waved foot
        (2, "16,32 6,20 20,3 46,5 54,26 38,60 4,95 / 20,87 44,96 68,89",
            "10,34 8,18 26,2 46,10 46,34 30,64 2,92 / 20,88 46,97 74,96"),
    ],
    3: [
        # sharp turn in the middle
        (5, "8,15 26,2 50,8 50,30 24,46 / 52,55 58,80 34,98 4,90",
            "4,10 28,3 46,14 40,34 20,45 / 48,54 50,78 28,97 0,86"),
        # loop in the middle
        (2, "8,12 30,2 53,14 46,36 28,49 17,46 27,41 50,52 58,77 36,98 6,90",
            "4,16 26,3 46,16 42,34 28,46 21,46 28,43 46,54 48,78 26,97 0,90"),
        # flat roof
        (1, "8,6 32,5 56,5 / 42,24 26,41 / 52,50 57,78 32,98 4,88",
            "4,10 28,6 50,6 / 40,22 22,40 / 44,48 50,74 28,97 0,94"),
        # one flowing line
        (2, "6,18 28,2 52,15 46,34 32,45 48,57 56,78 34,98 4,88",
            "10,8 34,3 46,18 38,36 28,44 42,56 46,80 24,98 0,96"),
    ],
    4: [
        # open at the top, two strokes
        (4, "14,4 10,28 6,52 / 36,54 70,50 | 54,2 49,50 44,100",
            "22,2 12,28 2,56 / 34,55 64,54 | 50,16 46,55 42,100"),
        # round bowl, two strokes
        (3, "8,6 5,30 14,50 36,50 58,40 | 60,2 54,48 48,100",
            "16,2 7,28 10,50 34,53 64,46 | 56,10 51,50 44,100"),
        # closed at the top
        (2, "46,0 26,28 2,64 / 36,63 70,61 | 48,1 46,50 44,100",
            "42,2 22,28 4,58 / 34,59 62,56 | 44,4 42,50 38,100"),
        # one stroke, the bowl runs into the stem
        (2, "12,4 4,34 16,52 40,46 58,6 / 54,50 46,100",
            "18,4 8,34 12,50 36,48 54,16 / 51,54 46,100"),
    ],
    5: [
        # the roof drawn last
        (4, "16,6 13,24 9,45 / 34,38 56,56 50,85 26,98 2,90 | 16,6 40,5 66,2",
            "18,10 14,28 12,46 / 36,44 50,62 42,86 20,97 0,94 | 18,10 40,8 60,0"),
        # one stroke from the right
        (3, "62,4 40,5 18,7 / 14,25 10,45 / 36,38 56,58 48,86 24,98 2,90",
            "66,0 44,5 24,8 / 18,26 14,42 / 34,46 48,64 40,88 20,98 0,90"),
        # like an S
        (2, "60,4 32,5 15,20 24,41 46,56 50,82 26,98 2,88",
            "66,2 38,8 22,24 26,40 42,56 40,82 20,96 0,88"),
    ],
    6: [
        (4, "46,2 22,22 6,56 10,87 30,98 52,86 52,63 34,54 11,70",
            "38,0 20,24 8,58 10,86 26,98 44,86 44,66 30,60 10,76"),
        # straight stem
        (2, "26,0 14,34 6,70 18,96 42,95 54,77 42,60 22,64 8,80",
            "38,0 22,32 8,68 14,93 32,97 46,82 38,66 22,70 8,84"),
        # wide sweep, big bowl
        (2, "58,6 32,10 8,44 6,80 28,98 56,85 52,60 28,54 8,74",
            "60,4 36,14 12,46 6,80 24,97 52,88 58,70 38,62 8,82"),
        # the bowl closes inside with a curl
        (1, "48,4 22,22 5,58 12,90 36,97 54,80 46,60 24,60 16,74 28,82",
            "36,0 18,26 6,60 12,90 34,97 48,82 40,66 22,66 14,76 22,84"),
    ],
    7: [
        (4, "3,9 30,7 60,4 / 48,34 37,66 30,100",
            "6,6 28,7 54,9 / 42,36 34,66 28,100"),
        # crossbar
        (1.3, "4,8 30,7 62,5 / 47,38 37,68 30,100 | 18,52 38,50 60,47",
              "6,10 30,8 54,4 / 42,36 34,68 26,100 | 14,50 36,50 54,52"),
        # a tick before the roof
        (2, "4,26 7,7 / 34,9 62,4 / 46,36 36,66 30,100",
            "8,20 12,6 / 34,10 56,6 / 46,36 34,66 22,100"),
        # round shoulder
        (2, "2,16 22,4 48,5 56,22 42,58 30,100",
            "4,22 16,7 40,3 52,20 44,60 38,100"),
        # a wave for a roof
        (1, "3,28 12,9 26,13 44,14 60,3 / 44,46 30,100",
            "6,22 14,8 28,12 42,12 54,6 / 42,48 24,100"),
    ],
    8: [
        # one stroke, from the upper right
        (5, "50,15 30,2 10,16 20,38 42,54 54,77 33,98 8,86 12,63 34,46 50,29 48,11",
            "44,14 30,3 16,14 20,36 36,54 42,78 26,98 10,86 14,63 30,46 42,27 42,10"),
        # the ends pass each other, open at the top
        (3, "54,10 30,4 11,18 24,40 46,57 50,82 28,98 7,84 16,62 40,41 62,12",
            "46,14 28,3 14,16 22,40 38,58 38,84 22,98 6,86 16,62 36,38 54,4"),
        # two rings
        (1.5, "32,46 12,35 13,9 32,2 50,13 47,36 28,46 | 31,46 9,60 5,86 28,98 55,86 51,59 28,46",
              "30,46 15,34 18,8 32,2 45,12 43,35 30,45 | 30,46 12,60 10,86 28,98 47,86 45,60 29,47"),
        # from the middle, up and round
        (1.5, "32,48 50,30 46,8 26,3 12,18 22,40 44,58 52,82 30,98 8,86 12,62 34,45",
              "24,52 44,30 44,8 30,2 16,14 20,36 38,58 44,84 26,98 10,86 16,62 36,40"),
    ],
    9: [
        # straight tail
        (4, "52,14 30,3 8,20 11,43 32,47 50,30 54,8 / 52,52 48,100",
            "46,10 28,4 12,20 14,40 30,42 44,28 50,6 / 44,54 36,100"),
        # tail curving back
        (2, "52,12 28,3 7,20 12,43 34,46 52,26 53,8 / 55,50 44,86 24,98 6,90",
            "48,12 30,3 12,18 14,40 32,42 46,26 50,8 / 48,48 40,82 24,97 10,96"),
        # one flowing line, the bowl turns into the tail
        (3, "50,18 36,3 12,12 6,34 20,47 42,34 52,12 / 50,42 40,72 34,100",
            "44,12 28,3 12,16 12,38 28,43 42,26 47,10 / 47,40 46,70 42,100"),
        # bowl from its lower right end
        (1, "50,36 24,48 6,30 16,6 42,3 55,24 54,60 46,100",
            "48,40 26,46 12,30 18,8 38,4 50,22 48,60 38,100"),
    ],
}
# fmt: on

# How far a hand strays from its path in each digit, 0-9: less in the simple ones.
_STRAY = np.array([0.6, 0.35, 0.9, 0.85, 0.7, 0.8, 0.85, 0.65, 0.65, 0.7])


class _Path(NamedTuple):
    """One way of writing a digit, as matrices that turn its points into short straight pieces of ink."""

    points: np.ndarray  # (2 drawings, points, 2), in units of the digit's height
    starts: np.ndarray  # (_PIECES, points): starts @ points is where the pieces start
    ends: np.ndarray  # (_PIECES, points)


def _curve(points: np.ndarray, samples: int) -> np.ndarray:
    """Matrix (samples, points) that takes the points of a curve to places at equal distances along it.

    The curve is a centripetal Catmull-Rom spline, chosen because it neither overshoots nor loops where points
    crowd. It depends on the points linearly once its knots are fixed: they are fixed for ``points``, (n, 2).
    """
    count = len(points)
    spans = np.sqrt(np.linalg.norm(np.diff(points, axis=0), axis=1))
    unit = np.eye(count)
    slopes = np.diff(unit, axis=0) / spans[:, None]
    tangents = np.empty((count, count))
    before, after = spans[:-1, None], spans[1:, None]
    tangents[1:-1] = (slopes[:-1] * after + slopes[1:] * before) / (before + after)
    tangents[0] = 1.5 * slopes[0] - 0.5 * tangents[1] if count > 2 else slopes[0]
    tangents[-1] = 1.5 * slopes[-1] - 0.5 * tangents[-2] if count > 2 else slopes[0]

    def at(position: np.ndarray) -> np.ndarray:
        left = np.minimum(position.astype(int), count - 2)
        t, span = (position - left)[:, None], spans[left][:, None]
        places: np.ndarray = (
            (1 + 2 * t) * (1 - t) ** 2 * unit[left]
            + t**2 * (3 - 2 * t) * unit[left + 1]
            + t * (1 - t) ** 2 * span * tangents[left]
            - t**2 * (1 - t) * span * tangents[left + 1]
        )
        return places

    fine = np.linspace(0, count - 1, 40 * count)
    steps = np.linalg.norm(np.diff(at(fine) @ points, axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    return at(np.interp(np.linspace(0, length[-1], samples), length, fine))


def _parse(drawing: str) -> tuple[np.ndarray, list[list[int]]]:
    """Points (n, 2) of a drawing, and the indices of the points along each of its smooth curves."""
    points: list[list[float]] = []
    curves: list[list[int]] = [[]]
    for word in drawing.split():
        if word == "/":
            curves.append([curves[-1][-1]])
        elif word == "|":
            curves.append([])
        else:
            curves[-1].append(len(points))
            points.append([float(number) / 100 for number in word.split(",")])
    return np.array(points), curves


def _path(*drawings: str) -> _Path:
    """The pen path shared by the drawings of one way of writing."""
    points = np.stack([_parse(drawing)[0] for drawing in drawings])
    curves = _parse(drawings[0])[1]
    middle = points.mean(axis=0)
    lengths = [np.linalg.norm(np.diff(middle[curve], axis=0), axis=1).sum() for curve in curves]
    cuts = np.rint(np.cumsum([0, *lengths]) / sum(lengths) * _PIECES).astype(int)
    starts, ends = np.zeros((_PIECES, len(middle))), np.zeros((_PIECES, len(middle)))
    for curve, first, last in zip(curves, cuts[:-1], cuts[1:], strict=True):
        places = _curve(middle[curve], last - first + 1)
        starts[first:last, curve], ends[first:last, curve] = places[:-1], places[1:]
    return _Path(points, starts, ends)


_PATHS = [_path(*drawings) for digit in range(10) for _, *drawings in _WAYS[digit]]

# Digit + running share of its ways: where digit + u falls, with u uniform in [0, 1), is the way to write it.
_TALLIES = [np.cumsum([common for common, *_ in _WAYS[digit]]) for digit in range(10)]
_SHARES = np.concatenate([digit + tally / tally[-1] for digit, tally in enumerate(_TALLIES)])


def _hand(points: np.ndarray, stray: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """Points (images, n, 2) as so many different hands would set them: unsettled, bent, stretched, slanted.

    ``stray`` (images,) says how far off the hand goes.
    """
    images, count, _ = points.shape
    points = points - points.mean(axis=1, keepdims=True)

    # The hand strays slowly along the path, in half waves of falling size, and a little at every point.
    order = np.arange(2, 7)
    waves = np.cos(np.pi * np.linspace(0, 1, count)[:, None] * order) / order
    error = waves @ random.normal(0, 0.085, (images, 5, 2)) + random.normal(0, 0.022, (images, count, 2))
    carelessness = np.exp(random.normal(0, 0.3, images))
    points = points + (stray * carelessness)[:, None, None] * error

    # Low polynomials are the smoothest of warps: they bend a whole digit and leave its strokes whole.
    x, y = 2 * points[..., 0], 2 * points[..., 1]
    terms = np.stack([x * x, x * y, y * y, x * x * y, x * y * y, y * y * y], axis=-1)
    points = points + stray[:, None, None] * terms @ random.normal(0, 0.06, (images, 6, 2))

    aspect = np.exp(np.clip(random.normal(0.1, 0.22, images), -0.3, 0.55))
    slant = np.clip(random.normal(0.17, 0.3, images), -0.4, 0.9)
    angle = random.normal(0, 0.13, images)
    sine, cosine = np.sin(angle), np.cos(angle)
    # Rows are what one unit of x and one unit of y (downwards) become.
    across = np.stack([aspect * cosine, aspect * sine], axis=-1)
    down = np.stack([-slant * cosine - sine, -slant * sine + cosine], axis=-1)
    written: np.ndarray = points @ np.stack([across, down], axis=1)
    return written


def _trace(labels: np.ndarray, random: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
    """Pen paths of digits, as pieces of ink: middles (images, _PIECES, 2) and lengths (images, _PIECES)."""
    ways = np.searchsorted(_SHARES, labels + random.random_sample(len(labels)), side="right")
    middles = np.empty((len(labels), _PIECES, 2))
    lengths = np.empty((len(labels), _PIECES))
    for way in np.unique(ways):
        chosen = np.flatnonzero(ways == way)
        path = _PATHS[way]
        # How much of the second drawing: separate in x and y, and drifting from the first point to the last.
        first, last = random.uniform(-0.2, 1.2, (2, len(chosen), 1, 2))
        drift = np.linspace(0, 1, path.points.shape[1])[:, None]
        share = first + (last - first) * drift
        points = _hand((1 - share) * path.points[0] + share * path.points[1], _STRAY[labels[chosen]], random)
        starts, ends = path.starts @ points, path.ends @ points
        middles[chosen] = (starts + ends) / 2
        lengths[chosen] = np.sqrt(((ends - starts) ** 2).sum(axis=2))
    return middles, lengths


def _broadest_pen(middles: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Half width (images,), in pixels once framed, of the broadest pen that seldom fills a path's loops.

    A path that turns to and fro in a narrow strip needs a fine pen; a plain stroke bears any.
    """
    size = np.ptp(middles, axis=1).max(axis=1)
    turns = lengths.sum(axis=1) / size
    x, y = np.moveaxis(middles - middles.mean(axis=1, keepdims=True), 2, 0)
    xx, xy, yy = ((a * b).mean(axis=1) for a, b in ((x, x), (x, y), (y, y)))
    # The lesser eigenvalue of the covariance; rounding can put that of a straight line below 0.
    narrow = np.sqrt(((xx + yy - np.hypot(xx - yy, 2 * xy)) / 2).clip(0))
    broadest: np.ndarray = 0.4 + 0.34 * narrow * _BOX / size + 1.7 / turns**2
    return broadest


def _frame(middles: np.ndarray, ink: np.ndarray, pen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middles (images, n, 2) of pieces of ink (images, n), and the ink, in pixels and framed as in MNIST.

    ``pen`` (images,) is the pen's half width in pixels: it takes its share of the frame.
    """
    # From the middle of the first pixel of the box to the middle of the last it is a pixel less.
    scale = (_BOX - 1 - 2 * pen) / np.ptp(middles, axis=1).max(axis=1)
    centre = (middles * ink[..., None]).sum(axis=1) / ink.sum(axis=1)[:, None]
    places = (middles - centre[:, None]) * scale[:, None, None] + _SIDE / 2
    return places.clip(0, _SIDE - 1.001), ink * scale[:, None]


def _splat(places: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Ink (images, n) dropped at places (images, n, 2), each drop shared by the four pixels around it.

    Returns (images, _SIDE * _SIDE) float32.
    """
    images = len(places)
    corner = places.astype(np.int64)
    x, y = np.moveaxis((places - corner).astype(np.float32), 2, 0)
    ink = ink.astype(np.float32)
    pixel = np.arange(images)[:, None] * _SIDE**2 + corner[..., 1] * _SIDE + corner[..., 0]
    lower = ink * y
    upper = ink - lower
    drops = [upper - upper * x, upper * x, lower - lower * x, lower * x]
    pixels = [pixel, pixel + 1, pixel + _SIDE, pixel + _SIDE + 1]
    grid = np.bincount(np.ravel(pixels), np.ravel(drops), minlength=images * _SIDE**2)
    return grid.astype(np.float32).reshape(images, -1)


def _spread(grid: np.ndarray, variance: np.ndarray) -> None:
    """Blurs (images, pixels) in place by about a Gaussian of variance (images,) in square pixels."""
    # Two passes of [r, 1 - 2r, r] along each axis. Those along rows run on from one row into the next: the
    # margin round a framed digit is empty, so nothing is carried over.
    rate = (variance / 4).astype(np.float32)[:, None]
    for step in (1, 1, _SIDE, _SIDE):
        change = -2 * grid
        change[:, step:] += grid[:, :-step]
        change[:, :-step] += grid[:, step:]
        change *= rate
        grid += change


def _ink(labels: np.ndarray, key: list[int]) -> np.ndarray:
    """One chunk of images, (images, _SIDE, _SIDE) uint8, from the random stream named by ``key``."""
    random = np.random.RandomState(key)
    images = len(labels)
    middles, lengths = _trace(labels, random)
    pen = np.exp(random.normal(0.27, 0.27, images))
    pen = np.minimum(pen, _broadest_pen(middles, lengths)).clip(0.6)

    # Pressure swells and fades slowly along the path, and is a little rough from piece to piece.
    along = np.linspace(0, np.pi, _PIECES)
    waves = np.cos(np.arange(1, 5)[:, None] * along)
    pressure = 1 + random.normal(0, 0.1, (images, 4)) @ waves + random.normal(0, 0.2, (images, _PIECES))
    grid = _splat(*_frame(middles, lengths * pressure, pen))
    np.minimum(grid, 1.3, out=grid)  # where strokes run over each other the paper takes no more ink

    # A long line blurred by a Gaussian is, across it, that Gaussian. Cut at the heights it has just within
    # and just beyond the pen's half width, it is a stroke with a flat top and soft edges.
    sigma = (0.75 * pen).clip(0.8, 1.2)
    _spread(grid, sigma**2 - 1 / 6)  # the drops are spread by 1/6 already
    peak = 1 / (sigma * math.sqrt(2 * math.pi))
    edge = random.uniform(0.35, 0.65, images)
    full = peak * np.exp(-0.5 * ((pen - edge).clip(0) / sigma) ** 2)
    empty = peak * np.exp(-0.5 * ((pen + edge) / sigma) ** 2)
    grid -= empty.astype(np.float32)[:, None]
    grid *= (255 / (full - empty)).astype(np.float32)[:, None]
    return grid.clip(0, 255).astype(np.uint8).reshape(images, _SIDE, _SIDE)


def _draw(labels: np.ndarray, seed: int, stream: int) -> np.ndarray:
    """Images of ``labels``; chunk i comes from random stream (seed, stream, i), whichever thread draws it."""
    images = np.empty((len(labels), _SIDE, _SIDE), np.uint8)

    def draw_chunk(chunk: int) -> None:
        part = slice(chunk * _CHUNK, (chunk + 1) * _CHUNK)
        images[part] = _ink(labels[part], [seed, stream, chunk])

    with ThreadPoolExecutor(_WORKERS) as pool:
        # list() so that an error in a thread is raised here.
        list(pool.map(draw_chunk, range(math.ceil(len(labels) / _CHUNK))))
    return images


def draw(labels: np.ndarray, seed: int) -> np.ndarray:
    """Draws one digit for each label.

    Args:
        labels: (N,) integers 0-9.
        seed: 0 to 2**32 - 1; the same labels and seed give the same images.

    Returns:
        (N, 28, 28) uint8, white ink (255) on black (0).

    Raises:
        ValueError: a label is not a digit.
    """
    labels = np.asarray(labels, dtype=np.int64)
    if np.any((labels < 0) | (labels > 9)):
        raise ValueError("labels must be digits, 0-9")
    return _draw(labels, seed, _DRAW)


def digits(
    train: int = 60_000, test: int = 10_000, seed: int = 20180312
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draws a data set in the shape of MNIST; training and test images come from different random streams.

    Args:
        train: number of training images.
        test: number of test images.
        seed: 0 to 2**32 - 1; the same arguments give the same data set.

    Returns:
        Training images (train, 28, 28) and labels (train,), test images (test, 28, 28) and labels (test,),
        all uint8: images with white ink (255) on black (0), labels 0-9 in equal shares and random order.
    """
    train_labels, test_labels = (
        np.random.RandomState([seed, stream]).permutation(count) % 10
        for stream, count in ((_TRAIN, train), (_TEST, test))
    )
    return (
        _draw(train_labels, seed, _TRAIN),
        train_labels.astype(np.uint8),
        _draw(test_labels, seed, _TEST),
        test_labels.astype(np.uint8),
    )
