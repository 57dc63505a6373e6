"""TF1's optimizers for Keras models: the same kernels, so the same bits."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tfport import keras
from tfport.versions import keras_generation

KERAS_3 = keras_generation() == 3


@keras.utils.register_keras_serializable("tfport")
class Adam(keras.optimizers.Adam):
    """Adam as ``tf.train.AdamOptimizer`` computes it: Kingma & Ba 2015, with the ε outside the bias correction.

    Keras's own Adam uses the same formula, written as some ten elementwise operations, and takes powers of β with
    ``pow``. This one calls the single kernel that TF1 calls (``ResourceApplyAdam``) and multiplies the powers up step
    by step, as TF1 does: weights come out equal to the bit, and a step takes less time.

    Args:
        learning_rate: a float or a Keras schedule.
        beta_1: decay of the gradient's running mean.
        beta_2: decay of the squared gradient's running mean.
        epsilon: 1e-8 as in TF1; Keras defaults to 1e-7.
        **options: clipping and the like, as for ``keras.optimizers.Adam``; not ``amsgrad``, which has no such kernel,
            and not ``gradient_accumulation_steps``.

    Raises:
        ValueError: one of these two is asked for.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        **options: Any,
    ) -> None:
        for name in ("amsgrad", "gradient_accumulation_steps"):
            if options.get(name):
                raise ValueError(f"tfport's Adam has no {name}; use keras.optimizers.Adam")
        if not KERAS_3:
            options["jit_compile"] = False  # XLA knows no ResourceApplyAdam on variables outside its cluster
        super().__init__(learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon, **options)

    def build(self, var_list: Any) -> None:
        """Create m and v of every variable, and the two powers that they share."""
        if getattr(self, "_powers", None) is not None:
            return
        super().build(var_list)
        self._powers = []
        for name, beta in (("beta_1_power", self.beta_1), ("beta_2_power", self.beta_2)):
            options: dict[str, Any] = {"shape": (), "initializer": keras.initializers.Constant(beta), "name": name}
            if KERAS_3:
                options["aggregation"] = "only_first_replica"
            self._powers.append(self.add_variable(**options, dtype="float32"))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any = None) -> None:
        """Update one variable in place."""
        if KERAS_3:
            index = self._get_variable_index(variable)
        else:
            index, learning_rate = self._index_dict[self._var_key(variable)], self.learning_rate
        dtype = gradient.dtype
        tf.raw_ops.ResourceApplyAdam(
            var=_resource(variable),
            m=_resource(self._momentums[index]),
            v=_resource(self._velocities[index]),
            beta1_power=tf.cast(value_of(self._powers[0]), dtype),
            beta2_power=tf.cast(value_of(self._powers[1]), dtype),
            lr=tf.cast(learning_rate, dtype),
            beta1=tf.cast(self.beta_1, dtype),
            beta2=tf.cast(self.beta_2, dtype),
            epsilon=tf.cast(self.epsilon, dtype),
            grad=tf.convert_to_tensor(gradient),
        )

    def slots(self) -> list[tuple[Any, Any]]:
        """Values of m and v of every variable as arrays, in the order of the variables; empty before the first step."""
        if getattr(self, "_powers", None) is None:
            return []
        pairs = zip(self._momentums, self._velocities, strict=True)
        return [(value_of(m).numpy(), value_of(v).numpy()) for m, v in pairs]

    def _advance(self) -> None:
        for power, beta in zip(self._powers, (self.beta_1, self.beta_2), strict=True):
            power.assign(value_of(power) * beta)

    # Keras 2 funnels every update through apply_gradients, Keras 3 through apply.
    if KERAS_3:

        def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
            """Update all variables, then the powers, in TF1's order."""
            result = super().apply(grads, trainable_variables)
            self._advance()
            return result

    else:

        def apply_gradients(self, grads_and_vars: Any, *arguments: Any, **options: Any) -> Any:
            """Update all variables, then the powers, in TF1's order."""
            result = super().apply_gradients(grads_and_vars, *arguments, **options)
            self._advance()
            return result


def value_of(variable: Any) -> Any:
    """The TensorFlow variable: itself in Keras 2, the value of a Keras variable in Keras 3."""
    return variable if isinstance(variable, tf.Variable) else variable.value


def _resource(variable: Any) -> Any:
    return value_of(variable).handle
