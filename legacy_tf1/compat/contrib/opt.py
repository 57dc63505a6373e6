"""``tf.contrib.opt``: optimizers beside those of ``tf.train``, and SciPy's."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds
from tfport.errors import UserError

# --- weight decay apart from the gradient ---


@adds("contrib.opt.extend_with_decoupled_weight_decay")
def extend_with_decoupled_weight_decay(base_optimizer: type) -> type:
    """A class whose steps begin by taking ``weight_decay`` times each variable off it; what it decays may be named."""

    class OptimizerWithDecoupledWeightDecay(base_optimizer):
        def __init__(self, weight_decay: Any, *arguments: Any, **options: Any) -> None:
            self._weight_decay, self._decayed = weight_decay, None
            super().__init__(*arguments, **options)

        def minimize(self, loss: Any, *arguments: Any, decay_var_list: Any = None, **options: Any) -> Any:
            self._decayed = decay_var_list
            return super().minimize(loss, *arguments, **options)

        def apply_gradients(
            self, grads_and_vars: Any, global_step: Any = None, name: str | None = None, decay_var_list: Any = None
        ) -> Any:
            pairs = list(grads_and_vars)
            named = decay_var_list or self._decayed
            decayed = [
                variable for gradient, variable in pairs
                if gradient is not None and (named is None or any(variable is each for each in named))
            ]  # fmt: skip
            rate = self._weight_decay() if callable(self._weight_decay) else self._weight_decay
            # All of it before the step, and after the gradients were computed.
            with tf.control_dependencies([each for each, _ in pairs if each is not None]):
                off = [each.assign_sub(tf.cast(rate, each.dtype.base_dtype) * each) for each in decayed]
            with tf.control_dependencies(off):
                return super().apply_gradients(pairs, global_step, name)

    OptimizerWithDecoupledWeightDecay.__name__ = f"{base_optimizer.__name__}WithDecoupledWeightDecay"
    return OptimizerWithDecoupledWeightDecay


@adds("contrib.opt.AdamWOptimizer")
class AdamWOptimizer(extend_with_decoupled_weight_decay(tf.train.AdamOptimizer)):  # type: ignore[misc]
    """Adam; before each step ``weight_decay`` times the variables is taken off them."""

    def __init__(
        self,
        weight_decay: Any,
        learning_rate: Any = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        use_locking: bool = False,
        name: str = "AdamW",
    ) -> None:
        super().__init__(weight_decay, learning_rate, beta1, beta2, epsilon, use_locking, name)


@adds("contrib.opt.MomentumWOptimizer")
class MomentumWOptimizer(extend_with_decoupled_weight_decay(tf.train.MomentumOptimizer)):  # type: ignore[misc]
    """Momentum, likewise."""

    def __init__(
        self,
        weight_decay: Any,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "MomentumW",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(weight_decay, learning_rate, momentum, use_locking, name, use_nesterov)


# --- relatives of Adam ---


class _Moments(tf.train.AdamOptimizer):
    """Adam whose last step is another; dense gradients, and sparse ones as if they were dense."""

    _step: Callable[..., Any]  # of gradient, variable, and the betas as the variable's type

    def _apply_dense(self, gradient: Any, variable: Any) -> Any:
        kind = variable.dtype.base_dtype
        return self._step(gradient, variable, tf.cast(self._beta1_t, kind), tf.cast(self._beta2_t, kind))

    def _resource_apply_dense(self, gradient: Any, variable: Any) -> Any:
        return self._apply_dense(gradient, variable)

    def _apply_sparse(self, gradient: Any, variable: Any) -> Any:
        return self._apply_dense(tf.convert_to_tensor(gradient), variable)

    def _resource_apply_sparse(self, gradient: Any, variable: Any, indices: Any) -> Any:
        dense = tf.IndexedSlices(gradient, indices, tf.shape(variable))
        return self._apply_dense(tf.convert_to_tensor(dense), variable)


@adds("contrib.opt.NadamOptimizer")
class NadamOptimizer(_Moments):
    """Adam with Nesterov's momentum (Dozat, without its schedule)."""

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        use_locking: bool = False,
        name: str = "Nadam",
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, use_locking, name)

    def _step(self, gradient: Any, variable: Any, beta1: Any, beta2: Any) -> Any:
        kind = variable.dtype.base_dtype
        power1, power2 = (tf.cast(each, kind) for each in self._get_beta_accumulators())
        m = self.get_slot(variable, "m").assign(beta1 * self.get_slot(variable, "m") + (1.0 - beta1) * gradient)
        v = self.get_slot(variable, "v").assign(beta2 * self.get_slot(variable, "v") + (1.0 - beta2) * gradient**2)
        rate = tf.cast(self._lr_t, kind) * tf.sqrt(1.0 - power2) / (1.0 - power1)
        ahead = beta1 * m + (1.0 - beta1) * gradient
        return variable.assign_sub(rate * ahead / (tf.sqrt(v) + tf.cast(self._epsilon_t, kind))).op


@adds("contrib.opt.AdaMaxOptimizer")
class AdaMaxOptimizer(_Moments):
    """Adam by the largest gradient so far in the place of their mean square."""

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        use_locking: bool = False,
        name: str = "AdaMax",
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, use_locking, name)

    def _step(self, gradient: Any, variable: Any, beta1: Any, beta2: Any) -> Any:
        kind = variable.dtype.base_dtype
        power1 = tf.cast(self._get_beta_accumulators()[0], kind)
        m = self.get_slot(variable, "m").assign(beta1 * self.get_slot(variable, "m") + (1.0 - beta1) * gradient)
        v = self.get_slot(variable, "v").assign(tf.maximum(beta2 * self.get_slot(variable, "v"), abs(gradient)))
        rate = tf.cast(self._lr_t, kind) / (1.0 - power1)
        return variable.assign_sub(rate * m / (v + tf.cast(self._epsilon_t, kind))).op


@adds("contrib.opt.LazyAdamOptimizer")
class LazyAdamOptimizer(tf.train.AdamOptimizer):
    """Adam that leaves rows alone of which a sparse gradient knows nothing."""

    def _lazily(self, values: Any, variable: Any, indices: Any) -> Any:
        kind = variable.dtype.base_dtype
        power1, power2 = (tf.cast(each, kind) for each in self._get_beta_accumulators())
        beta1, beta2 = (tf.cast(each, kind) for each in (self._beta1_t, self._beta2_t))
        rate = tf.cast(self._lr_t, kind) * tf.sqrt(1.0 - power2) / (1.0 - power1)
        m, v = (self.get_slot(variable, name) for name in ("m", "v"))
        new_m = beta1 * tf.gather(m, indices) + (1.0 - beta1) * values
        new_v = beta2 * tf.gather(v, indices) + (1.0 - beta2) * values**2
        off = rate * new_m / (tf.sqrt(new_v) + tf.cast(self._epsilon_t, kind))
        with tf.control_dependencies([off]):
            return tf.group(
                tf.scatter_update(m, indices, new_m), tf.scatter_update(v, indices, new_v),
                tf.scatter_sub(variable, indices, off),
            )  # fmt: skip

    def _apply_sparse(self, gradient: Any, variable: Any) -> Any:
        return self._lazily(gradient.values, variable, gradient.indices)

    def _resource_apply_sparse(self, gradient: Any, variable: Any, indices: Any) -> Any:
        return self._lazily(gradient, variable, indices)


# --- SciPy ---


@adds("contrib.opt.ExternalOptimizerInterface", "contrib.opt.ScipyOptimizerInterface")
class ScipyOptimizerInterface:
    """Minimizes a loss by ``scipy.optimize.minimize``, all variables in one vector.

    Args:
        loss: scalar.
        var_list: what is changed; None takes all trainable variables.
        equalities: scalars that are to be 0.
        inequalities: scalars that are not to be negative.
        var_to_bounds: variable → lower and upper bound, numbers or arrays of its shape.
        **optimizer_kwargs: of ``minimize``; ``method`` is "L-BFGS-B" unless constraints ask for "SLSQP".
    """

    def __init__(
        self,
        loss: Any,
        var_list: Any = None,
        equalities: Any = None,
        inequalities: Any = None,
        var_to_bounds: Any = None,
        **optimizer_kwargs: Any,
    ) -> None:
        self._loss, self._vars = loss, list(tf.trainable_variables() if var_list is None else var_list)
        self._constraints = [("eq", each) for each in equalities or ()] + [
            ("ineq", each) for each in inequalities or ()
        ]
        self.optimizer_kwargs = dict(optimizer_kwargs)
        self._gradient = self._flat(loss)
        self._gradients = [self._flat(each) for _, each in self._constraints]
        self._given = [tf.placeholder(each.dtype.base_dtype, each.shape) for each in self._vars]
        self._assign = tf.group(*(tf.assign(each, new) for each, new in zip(self._vars, self._given, strict=True)))
        self._bounds: list[tuple[float, float]] | None = None
        if var_to_bounds is not None:
            self._bounds = []
            for each in self._vars:
                bounds = var_to_bounds.get(each, (-np.inf, np.inf))
                low, high = (np.broadcast_to(bound, each.shape.as_list()).ravel() for bound in bounds)
                self._bounds += zip(low, high, strict=True)

    def _flat(self, of: Any) -> Any:
        gradients = [
            tf.zeros_like(variable) if each is None else tf.convert_to_tensor(each)
            for each, variable in zip(tf.gradients(of, self._vars), self._vars, strict=True)
        ]
        return tf.concat([tf.reshape(each, [-1]) for each in gradients], 0)

    def minimize(
        self,
        session: Any = None,
        feed_dict: Any = None,
        fetches: Any = None,
        step_callback: Callable[[Any], Any] | None = None,
        loss_callback: Callable[..., Any] | None = None,
        **run_kwargs: Any,
    ) -> None:
        """Minimize, and leave the variables at the minimum.

        Args:
            session: None takes the default one.
            feed_dict: for the loss.
            fetches: what ``loss_callback`` gets, computed with each loss.
            step_callback: gets the vector after each step.
            loss_callback: gets the fetches.
            **run_kwargs: of ``Session.run``.

        Raises:
            UserError: SciPy is not installed.
        """
        try:
            scipy = importlib.import_module("scipy.optimize")
        except ImportError as error:
            raise UserError("tf.contrib.opt.ScipyOptimizerInterface needs SciPy: pip install scipy") from error
        session = session or tf.get_default_session()
        fetches = list(fetches or ())
        splits = np.cumsum([each.shape.num_elements() for each in self._vars])[:-1]

        def assign(vector: Any) -> None:
            parts = zip(self._given, np.split(vector, splits), strict=True)
            session.run(self._assign, {each: part.reshape(each.shape.as_list()) for each, part in parts})

        def valued(tensor: Any, gradient: Any, vector: Any, *more: Any) -> Any:
            assign(vector)
            return session.run([tensor, gradient, *more], feed_dict, **run_kwargs)

        def loss(vector: Any) -> tuple[float, Any]:
            value, gradient, *found = valued(self._loss, self._gradient, vector, *fetches)
            if loss_callback is not None:
                loss_callback(*found)
            return float(value), gradient.astype("float64")

        def constraint(kind: str, tensor: Any, gradient: Any) -> dict[str, Any]:
            return {
                "type": kind,
                "fun": lambda vector: float(valued(tensor, gradient, vector)[0]),
                "jac": lambda vector: valued(tensor, gradient, vector)[1].astype("float64"),
            }

        options = {"method": "SLSQP" if self._constraints else "L-BFGS-B", **self.optimizer_kwargs}
        if self._constraints:
            options["constraints"] = [
                constraint(kind, each, gradient)
                for (kind, each), gradient in zip(self._constraints, self._gradients, strict=True)
            ]
        start = np.concatenate([np.ravel(each) for each in session.run(self._vars)]).astype("float64")
        result = scipy.minimize(loss, start, jac=True, callback=step_callback, bounds=self._bounds, **options)
        assign(result.x)
        logging.getLogger("tensorflow").info(
            "Optimization terminated with: %s; objective function value: %f; iterations: %s",
            result.message, result.fun, getattr(result, "nit", "?"),
        )  # fmt: skip
