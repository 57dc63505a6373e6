"""``tf.contrib.image``: images turned, moved and transformed; and TensorBoard's projector."""

from __future__ import annotations

import importlib
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds
from tfport.lazy import LazyModule

ADDED["contrib.tensorboard.plugins.projector"] = LazyModule(
    "tensorflow.contrib.tensorboard.plugins.projector", lambda: importlib.import_module("tensorboard.plugins.projector")
)


@adds("contrib.image.transform")
def transform(
    images: Any, transforms: Any, interpolation: str = "NEAREST", output_shape: Any = None, name: str | None = None
) -> Any:
    """Images whose pixel (x, y) is taken from ((a x + b y + c) / k, (d x + e y + f) / k), k = g x + h y + 1.

    Args:
        images: (N, height, width, channels), (height, width, channels) or (height, width).
        transforms: a to h, (8,) or (N, 8).
        interpolation: "NEAREST" or "BILINEAR"; outside is zero.
        output_shape: height and width, if they are to change.
        name: of the op.
    """
    images = tf.convert_to_tensor(images)
    rank = images.shape.ndims
    batch = images[tf.newaxis, :, :, tf.newaxis] if rank == 2 else images[tf.newaxis] if rank == 3 else images
    transforms = tf.cast(transforms, tf.float32)
    transforms = transforms[tf.newaxis] if transforms.shape.ndims == 1 else transforms
    size = tf.shape(batch)[1:3] if output_shape is None else tf.cast(output_shape, tf.int32)
    outputs = tf.raw_ops.ImageProjectiveTransformV2(
        images=batch, transforms=transforms, output_shape=size, interpolation=interpolation.upper(), name=name
    )
    if output_shape is None:
        outputs.set_shape(batch.shape)
    return outputs[0, :, :, 0] if rank == 2 else outputs[0] if rank == 3 else outputs


@adds("contrib.image.angles_to_projective_transforms")
def angles_to_projective_transforms(angles: Any, image_height: Any, image_width: Any, name: str | None = None) -> Any:
    """Transforms (N, 8) that turn images counterclockwise about their centers, of angles in radians."""
    angles = tf.reshape(tf.cast(angles, tf.float32), [-1])
    height, width = tf.cast(image_height, tf.float32) - 1.0, tf.cast(image_width, tf.float32) - 1.0
    cos, sin, zero = tf.cos(angles), tf.sin(angles), tf.zeros_like(angles)
    right = (width - (cos * width - sin * height)) / 2.0
    down = (height - (sin * width + cos * height)) / 2.0
    return tf.stack([cos, -sin, right, sin, cos, down, zero, zero], 1, name=name or "stack")


@adds("contrib.image.rotate")
def rotate(images: Any, angles: Any, interpolation: str = "NEAREST", name: str | None = None) -> Any:
    """Images turned counterclockwise by an angle in radians, one for all or one for each."""
    images = tf.convert_to_tensor(images)
    sizes = tf.shape(images)
    first = 0 if images.shape.ndims < 4 else 1
    transforms = angles_to_projective_transforms(angles, sizes[first], sizes[first + 1])
    return transform(images, transforms, interpolation, name=name)


@adds("contrib.image.translations_to_projective_transforms")
def translations_to_projective_transforms(translations: Any, name: str | None = None) -> Any:
    """Transforms (N, 8) that move images by (dx, dy)."""
    moved = tf.reshape(tf.cast(translations, tf.float32), [-1, 2])
    zero, one = tf.zeros_like(moved[:, 0]), tf.ones_like(moved[:, 0])
    return tf.stack([one, zero, -moved[:, 0], zero, one, -moved[:, 1], zero, zero], 1, name=name or "stack")


@adds("contrib.image.translate")
def translate(images: Any, translations: Any, interpolation: str = "NEAREST", name: str | None = None) -> Any:
    """Images moved by (dx, dy) pixels, to the right and down."""
    return transform(images, translations_to_projective_transforms(translations), interpolation, name=name)


def _matrix(transforms: Any) -> Any:
    transforms = tf.reshape(tf.cast(transforms, tf.float32), [-1, 8])
    return tf.reshape(tf.concat([transforms, tf.ones_like(transforms[:, :1])], 1), [-1, 3, 3])


@adds("contrib.image.compose_transforms")
def compose_transforms(*transforms: Any) -> Any:
    """One transform (N, 8) that does what several do, the first of them first."""
    together = _matrix(transforms[0])
    for each in transforms[1:]:
        together = tf.matmul(together, _matrix(each))
    flat = tf.reshape(together, [-1, 9])
    return flat[:, :8] / flat[:, 8:]
