"""Keras layers that the tutorials need and Keras does not have."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tfport import keras


@keras.utils.register_keras_serializable("tfport")
class ScaledBiasDense(keras.layers.Dense):
    """A dense layer whose bias is multiplied by a constant: activation(x·W + scale·b), (batch, n) → (batch, units).

    Args:
        units: outputs.
        bias_scale: the constant.
        **options: those of ``keras.layers.Dense``, but for ``use_bias``: there always is one.
    """

    def __init__(self, units: int, *, bias_scale: float, **options: Any) -> None:
        super().__init__(units, **options)
        self.bias_scale = bias_scale

    def call(self, inputs: Any) -> Any:
        """(batch, features) → (batch, units)."""
        return self.activation(tf.nn.bias_add(tf.matmul(inputs, self.kernel), self.bias_scale * self.bias))

    def get_config(self) -> dict[str, Any]:
        """What a copy is made from."""
        return {**super().get_config(), "bias_scale": self.bias_scale}
