"""``scipy.misc``: the functions for pictures, which SciPy gave up, by way of Pillow; and what moved within SciPy."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from PIL import Image

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "lanczos": Image.Resampling.LANCZOS,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "cubic": Image.Resampling.BICUBIC,
}


def fromimage(im: Any, flatten: bool = False, mode: str | None = None) -> np.ndarray:
    """The array of a picture: (height, width) or (height, width, channels), uint8; flattened, float32."""
    if mode is not None and mode != im.mode:
        im = im.convert(mode)
    elif im.mode == "P":
        im = im.convert("RGBA" if "transparency" in im.info else "RGB")
    if flatten:
        im = im.convert("F")
    elif im.mode == "1":
        im = im.convert("L")
    return np.array(im)


def imread(name: Any, flatten: bool = False, mode: str | None = None) -> np.ndarray:
    """Read a picture as an array."""
    with Image.open(name) as picture:
        return fromimage(picture, flatten, mode)


def bytescale(data: Any, cmin: Any = None, cmax: Any = None, high: int = 255, low: int = 0) -> np.ndarray:
    """Numbers spread over ``low`` to ``high``, uint8; bytes stay as they are."""
    data = np.asarray(data)
    if data.dtype == np.uint8:
        return data
    least, most = (data.min() if cmin is None else cmin), (data.max() if cmax is None else cmax)
    spread = (float(most) - float(least)) or 1.0
    scaled = (data.astype(np.float64) - least) * ((high - low) / spread) + low
    return (scaled.clip(low, high) + 0.5).astype(np.uint8)


def toimage(
    arr: Any,
    high: int = 255,
    low: int = 0,
    cmin: Any = None,
    cmax: Any = None,
    pal: Any = None,
    mode: str | None = None,
    channel_axis: int | None = None,
) -> Any:
    """The picture of an array, its numbers spread over all shades, as :func:`bytescale` does.

    Raises:
        ValueError: the array is neither (height, width) nor has an axis of 3 or 4 channels.
    """
    data = np.asarray(arr)
    if data.ndim == 2:
        if mode == "F":
            return Image.fromarray(data.astype(np.float32))
        picture = Image.fromarray(bytescale(data, cmin, cmax, high, low))
        if pal is not None:
            picture.putpalette(np.asarray(pal, np.uint8).tobytes())
        return picture if mode in (None, "L", "P") else picture.convert(mode)
    axes = [axis for axis, size in enumerate(data.shape) if size in (3, 4)] if data.ndim == 3 else []
    if channel_axis is None and not axes:
        raise ValueError(
            f"an image is (height, width), or has an axis of 3 or 4 channels, and this array is {data.shape}"
        )
    if channel_axis is None:
        channel_axis = next((axis for axis in axes if data.shape[axis] == 3), axes[0])
    picture = Image.fromarray(bytescale(np.moveaxis(data, channel_axis, -1), cmin, cmax, high, low))
    return picture if mode is None else picture.convert(mode)


def imsave(name: Any, arr: Any, format: str | None = None) -> None:
    """Write an array as a picture."""
    toimage(arr, channel_axis=2 if np.ndim(arr) == 3 else None).save(
        name, **({} if format is None else {"format": format})
    )


def imresize(arr: Any, size: Any, interp: str = "bilinear", mode: str | None = None) -> np.ndarray:
    """A picture in another size: a percentage, a factor, or (height, width). uint8."""
    picture = toimage(arr, mode=mode)
    if isinstance(size, (int, np.integer)):
        size = float(size) / 100
    if isinstance(size, (float, np.floating)):
        width, height = (int(side * size) for side in picture.size)
    else:
        height, width = int(size[0]), int(size[1])
    return fromimage(picture.resize((width, height), FILTERS[interp]))


def imrotate(arr: Any, angle: float, interp: str = "bilinear") -> np.ndarray:
    """A picture turned against the clock, by degrees."""
    return fromimage(toimage(arr).rotate(angle, resample=FILTERS[interp]))


def imshow(arr: Any) -> None:
    """Show a picture, as Pillow does."""
    toimage(arr).show()


def __getattr__(name: str) -> Any:
    if name in ("comb", "factorial", "factorial2", "logsumexp"):
        return getattr(importlib.import_module("scipy.special"), name)
    if name in ("face", "ascent", "electrocardiogram"):
        return getattr(importlib.import_module("scipy.datasets"), name)
    raise AttributeError(f"module 'scipy.misc' has no attribute {name!r}")


__all__ = ["bytescale", "fromimage", "imread", "imresize", "imrotate", "imsave", "imshow", "toimage"]
