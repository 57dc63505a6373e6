"""Any picture of one digit, made what MNIST's images are: white ink on black, 20 pixels high or wide, centred by mass.

LeCun, Cortes & Burges describe how MNIST was made: each digit was fitted into a box of 20 × 20 with its proportions
kept, with grey levels from the anti-aliasing, and put into 28 × 28 by its centre of mass.
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from tfport.errors import UserError

BOX, SIZE = 20, 28
SMALL = 40  # pixels of the shorter side, up to which there is no light and no noise to be taken off
LEAST = 0.04  # of black to white, by which ink differs from its ground
FAINT = 0.05  # of full ink, which is none
LARGEST = 50_000_000  # pixels
WORKING = 400  # pixels of the longer side, from which on a picture is reduced first
MOST_BYTES = 250_000_000  # of a file
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
ENDINGS = {
    "PNG": {".png"},
    "JPEG": {".jpg", ".jpeg"},
    "MPO": {".jpg", ".jpeg"},  # what some telephones write: a JPEG, and smaller ones behind it
    "BMP": {".bmp"},
    "GIF": {".gif"},
    "TIFF": {".tif", ".tiff"},
    "WEBP": {".webp"},
    "PPM": {".ppm", ".pgm", ".pbm", ".pnm"},
}


def read(path: str) -> Image.Image:
    """A picture file.

    Raises:
        UserError: it cannot be read, is no picture of these formats, of another one than its ending says, moves, or is
            too large.
    """
    try:
        file = Path(path).expanduser()
        if file.exists() and not file.is_file():
            raise UserError(f"{path}: cannot be read (it is no regular file)")
        if file.exists() and file.stat().st_size > MOST_BYTES:
            raise UserError(f"{path}: {file.stat().st_size:,} bytes are too many; make it smaller first")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            picture: Image.Image = Image.open(file, formats=FORMATS)
        others = {ending: kind for kind, endings in ENDINGS.items() if kind != "MPO" for ending in endings}
        ending, kind = file.suffix.lower(), picture.format or ""
        if ending in others and ending not in ENDINGS[kind]:
            raise UserError(f"{path}: is a {kind}, no {others[ending]}; give it the ending {min(ENDINGS[kind])}")
        if picture.width * picture.height > LARGEST:
            raise UserError(f"{path}: {picture.width} × {picture.height} pixels are too many; make it smaller first")
        if kind != "MPO" and getattr(picture, "is_animated", False):
            raise UserError(f"{path}: holds more than one picture; save the one to be read by itself")
        picture.load()
        picture = ImageOps.exif_transpose(picture)  # a telephone writes which side is up
    except UserError:
        raise
    except UnidentifiedImageError as error:
        raise UserError(f"{path}: is no picture; takes {', '.join(FORMATS)}") from error
    except Exception as error:  # Pillow's, of many kinds
        raise UserError(f"{path}: cannot be read ({error})") from error
    return picture


def as_mnist(picture: Image.Image) -> np.ndarray:
    """A picture of one digit as an image of MNIST.

    The ground may be light or dark, evenly lit or not; what is transparent counts as ground.

    Args:
        picture: of any size and mode.

    Returns:
        (28, 28) float32, ink as high values up to 1.

    Raises:
        UserError: there is nothing on it.
    """
    ink = _ink(_grey(picture))
    rows, columns = (np.flatnonzero(ink.max(axis) > FAINT) for axis in (1, 0))
    if not len(rows):
        raise UserError("nothing is drawn on it: all of it has one brightness")
    digit = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(digit.shape)
    size = [max(1, round(scale * length)) for length in digit.shape[::-1]]
    reducing = Image.Resampling.BOX if scale < 0.5 else Image.Resampling.BICUBIC
    fitted = np.asarray(Image.fromarray(digit.astype(np.float32), "F").resize(size, reducing)).clip(0, 1)
    fitted = fitted / max(float(fitted.max()), 1e-6)
    middle = [
        float(np.sum(fitted.sum(1 - axis) * (np.arange(fitted.shape[axis]) + 0.5)) / fitted.sum()) for axis in (0, 1)
    ]
    # To whole pixels, upwards: the centres of MNIST's 70,000 images lie from 14 to 15.
    top, left = (
        int(np.clip(math.ceil(SIZE / 2 - each), 0, SIZE - length))
        for each, length in zip(middle, fitted.shape, strict=True)
    )
    image = np.zeros((SIZE, SIZE), np.float32)
    image[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return image


def over_white(picture: Image.Image) -> np.ndarray:
    """(H, W, 3) whole numbers from 0 to 255, as a page shows it: what is transparent lets white through.

    A large one is made smaller, to 400 pixels at most.
    """
    picture = _reduced(picture)
    if picture.mode.startswith(("I", "F")):
        picture = Image.fromarray(np.uint8(np.round(255 * _grey(picture))))
    coloured = picture.convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured).convert("RGB"))


def _reduced(picture: Image.Image) -> Image.Image:
    """A large picture made smaller; in a mode in which neighbouring pixels can be averaged."""
    if "transparency" in picture.info and picture.mode in ("1", "L", "P", "RGB"):
        picture = picture.convert("RGBA")  # one colour, or entries of the palette, are transparent
    elif picture.mode in ("1", "P", "PA"):
        picture = picture.convert({"1": "L", "P": "RGB", "PA": "RGBA"}[picture.mode])
    elif picture.mode.startswith(("I", "F")):
        picture = Image.fromarray(np.nan_to_num(np.asarray(picture, np.float32)))
    picture = picture.copy()
    picture.thumbnail((WORKING, WORKING), Image.Resampling.BOX)
    return picture


def _grey(picture: Image.Image) -> np.ndarray:
    """Brightness, (H, W) from 0 to 1; behind what is transparent stands what the drawn part is not."""
    picture = _reduced(picture)
    if picture.mode in ("LA", "RGBA", "La", "RGBa"):
        picture = picture.convert("RGBA")
        pixels = np.asarray(picture, np.float32) / 255
        alpha = pixels[..., 3]
        brightness = pixels[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
        if alpha.min() < 1 and alpha.max() > 0:
            drawn = float(np.sum(brightness * alpha) / np.sum(alpha))
            return alpha * brightness + (1 - alpha) * (1.0 if drawn < 0.5 else 0.0)
        return brightness
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture)
        spread = float(values.max() - values.min())
        return (values - values.min()) / (spread or 1.0)
    if picture.mode == "LAB":
        picture = picture.getchannel(0)  # its lightness
    return np.asarray(picture.convert("L"), np.float32) / 255


def _ink(grey: np.ndarray) -> np.ndarray:
    """How much ink each pixel bears, 0 to 1."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ground = float(np.median(border))
    # On a light ground ink is what is darker; a digit has less of the surface than its ground.
    dark = ground - float(grey.min()) > float(grey.max()) - ground
    depth = 1 - grey if dark else grey
    if float(depth.max() - np.median(depth)) < LEAST:
        return np.zeros_like(depth)
    if min(grey.shape) <= SMALL:  # an image of MNIST's kind: no noise, no light
        depth = (depth - float(np.median(depth))).clip(0, None)
        return (depth / depth.max()).astype(np.float32)
    image = Image.fromarray(np.uint8(np.round(255 * depth.clip(0, 1))))
    blurred = image.filter(ImageFilter.GaussianBlur(max(1, max(grey.shape) // 100)))
    depth = np.asarray(blurred, np.float32) / 255
    above, noise = _above_ground(depth)
    depth = above.clip(0, None)
    if depth.max() < max(LEAST, 8 * noise):
        return np.zeros_like(depth)
    full = float(np.percentile(depth[depth > 0.5 * depth.max()], 75))
    depth = (depth / full).clip(0, 1)
    # What is fainter than half of the way to ink is paper.
    return np.where(depth > 0.6 * _between(depth), depth, 0.0).astype(np.float32)


def _above_ground(depth: np.ndarray) -> tuple[np.ndarray, float]:
    """How far each pixel is above what is behind the ink, and how far that scatters.

    Light falls off slowly: behind the ink is a surface of the second degree, fitted to all but the ink.
    """
    down, along = np.mgrid[-1 : 1 : depth.shape[0] * 1j, -1 : 1 : depth.shape[1] * 1j]
    terms = np.stack([np.ones_like(down), down, along, down**2, down * along, along**2], -1).reshape(-1, 6)
    values = depth.ravel()
    paper = values <= np.percentile(values, 90)
    for _ in range(8):
        weights, *_ = np.linalg.lstsq(terms[paper], values[paper], rcond=None)
        above = values - terms @ weights
        spread = 1.4826 * float(np.median(np.abs(above[paper] - np.median(above[paper]))))
        paper = above < 3 * max(spread, 0.004)
    return above.reshape(depth.shape).astype(np.float32), spread


def _between(depth: np.ndarray) -> float:
    """Otsu's threshold: which parts the values into two that vary least in themselves (IEEE Trans. SMC 9, 1979)."""
    counts, edges = np.histogram(depth, bins=64, range=(0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    valid = (below > 0) & (above > 0)
    if not valid.any():
        return 0.0
    means = sums[valid] / below[valid], (sums[-1] - sums[valid]) / above[valid]
    return float(middles[valid][np.argmax(below[valid] * above[valid] * (means[1] - means[0]) ** 2)])
