"""``tf.contrib.distributions``: those of ``tf.distributions``, and the few that scripts used beside them."""

from __future__ import annotations

import math
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds

# Distribution → what its arguments were called before TensorFlow 1.1.
OLDER = {
    "Bernoulli": {"p": "probs"},
    "Beta": {"a": "concentration1", "b": "concentration0"},
    "Categorical": {"p": "probs"},
    "Exponential": {"lam": "rate"},
    "Gamma": {"alpha": "concentration", "beta": "rate"},
    "Multinomial": {"n": "total_count", "p": "probs"},
    "Normal": {"mu": "loc", "sigma": "scale"},
    "StudentT": {"mu": "loc", "sigma": "scale"},
    "Uniform": {"a": "low", "b": "high"},
}


def _with_older_names(kind: type, arguments: dict[str, str]) -> type:
    """The same distribution, that takes and has older names too."""

    class Older(kind):
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **{arguments.get(name, name): value for name, value in options.items()})

        def __getattr__(self, name: str) -> Any:
            today = arguments.get(name) or METHODS.get(name)
            if today is None:
                raise AttributeError(f"{kind.__name__} has no attribute {name!r}")
            return getattr(self, today)

    Older.__name__ = Older.__qualname__ = kind.__name__
    Older.__doc__ = kind.__doc__
    return Older


METHODS = {"pdf": "prob", "pmf": "prob", "log_pdf": "log_prob", "log_pmf": "log_prob", "std": "stddev"}
for _name in dir(tf.distributions):
    if _name[0] != "_":
        _today = getattr(tf.distributions, _name)
        ADDED[f"contrib.distributions.{_name}"] = _with_older_names(_today, OLDER[_name]) if _name in OLDER else _today
ADDED["contrib.distributions.kl"] = tf.distributions.kl_divergence


@adds("contrib.distributions.MultivariateNormalDiag")
class MultivariateNormalDiag(tf.distributions.Distribution):
    """Normal vectors (..., D) whose components are independent.

    Args:
        loc: means (..., D); None are zeros.
        scale_diag: standard deviations (..., D); None are ones.
        scale_identity_multiplier: what is added to all of them; without ``scale_diag`` it is them.
        validate_args: not looked at.
        allow_nan_stats: likewise.
        name: of the scope.

    Raises:
        ValueError: of no argument follows how many components there are.
    """

    def __init__(
        self,
        loc: Any = None,
        scale_diag: Any = None,
        scale_identity_multiplier: Any = None,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "MultivariateNormalDiag",
    ) -> None:
        given = loc if loc is not None else scale_diag
        if given is None:
            raise ValueError("MultivariateNormalDiag takes loc, scale_diag or both")
        with tf.name_scope(name) as scope:
            given = tf.convert_to_tensor(given)
            scale = tf.zeros_like(given) if scale_diag is None else tf.convert_to_tensor(scale_diag, given.dtype)
            if scale_identity_multiplier is not None:
                scale += tf.convert_to_tensor(scale_identity_multiplier, given.dtype)[..., tf.newaxis]
            elif scale_diag is None:
                scale = tf.ones_like(given)
            mean = tf.zeros_like(scale) if loc is None else given
            # As wide as both together.
            self._loc, self._scale = mean + tf.zeros_like(scale), scale + tf.zeros_like(mean)
        super().__init__(
            self._loc.dtype, tf.distributions.FULLY_REPARAMETERIZED, validate_args, allow_nan_stats,
            {"loc": loc, "scale_diag": scale_diag}, name=scope,
        )  # fmt: skip

    @property
    def loc(self) -> Any:
        """The means."""
        return self._loc

    def _batch_shape_tensor(self) -> Any:
        return tf.shape(self._loc)[:-1]

    def _batch_shape(self) -> Any:
        return self._loc.shape[:-1]

    def _event_shape_tensor(self) -> Any:
        return tf.shape(self._loc)[-1:]

    def _event_shape(self) -> Any:
        return self._loc.shape[-1:]

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = tf.concat([[n], tf.shape(self._loc)], 0)
        return self._loc + self._scale * tf.random_normal(shape, dtype=self.dtype, seed=seed)

    def _log_prob(self, x: Any) -> Any:
        each = -0.5 * ((x - self._loc) / self._scale) ** 2 - 0.5 * math.log(2 * math.pi) - tf.log(abs(self._scale))
        return tf.reduce_sum(each, -1)

    def _prob(self, x: Any) -> Any:
        return tf.exp(self._log_prob(x))

    def _entropy(self) -> Any:
        return tf.reduce_sum(0.5 + 0.5 * math.log(2 * math.pi) + tf.log(abs(self._scale)), -1)

    def _mean(self) -> Any:
        return self._loc

    def _mode(self) -> Any:
        return self._loc

    def _stddev(self) -> Any:
        return abs(self._scale)

    def _variance(self) -> Any:
        return self._scale**2

    def _covariance(self) -> Any:
        return tf.matrix_diag(self._scale**2)


def _kl(a: Any, b: Any, name: str | None = None) -> Any:
    with tf.name_scope(name, "kl_multivariate_normal_diag"):
        ratio = a.variance() / b.variance()
        return 0.5 * tf.reduce_sum(ratio + (a.loc - b.loc) ** 2 / b.variance() - 1.0 - tf.log(ratio), -1)


tf.distributions.RegisterKL(MultivariateNormalDiag, MultivariateNormalDiag)(_kl)


@adds("contrib.distributions.MultivariateNormalDiagWithSoftplusScale")
class MultivariateNormalDiagWithSoftplusScale(MultivariateNormalDiag):
    """The same of ``softplus(scale_diag)``."""

    def __init__(self, loc: Any, scale_diag: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(loc, tf.nn.softplus(scale_diag), None, *arguments, **options)


@adds("contrib.distributions.NormalWithSoftplusScale")
class NormalWithSoftplusScale(tf.distributions.Normal):
    """Normal numbers of the standard deviation ``softplus(scale)``."""

    def __init__(self, loc: Any, scale: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(loc, tf.nn.softplus(scale), *arguments, **options)


@adds("contrib.distributions.OneHotCategorical")
class OneHotCategorical(tf.distributions.Distribution):
    """Classes as vectors (..., K) of a single one."""

    def __init__(
        self,
        logits: Any = None,
        probs: Any = None,
        dtype: Any = tf.int32,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "OneHotCategorical",
    ) -> None:
        self._of = tf.distributions.Categorical(logits, probs)
        self.logits, self.probs = self._of.logits, self._of.probs
        super().__init__(
            dtype, tf.distributions.NOT_REPARAMETERIZED, validate_args, allow_nan_stats,
            {"logits": logits, "probs": probs}, name=name,
        )  # fmt: skip

    def _batch_shape_tensor(self) -> Any:
        return tf.shape(self.logits)[:-1]

    def _batch_shape(self) -> Any:
        return self.logits.shape[:-1]

    def _event_shape_tensor(self) -> Any:
        return tf.shape(self.logits)[-1:]

    def _event_shape(self) -> Any:
        return self.logits.shape[-1:]

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        return tf.one_hot(self._of.sample(n, seed), tf.shape(self.logits)[-1], dtype=self.dtype)

    def _log_prob(self, x: Any) -> Any:
        return tf.reduce_sum(tf.cast(x, self.logits.dtype) * tf.nn.log_softmax(self.logits), -1)

    def _entropy(self) -> Any:
        return self._of.entropy()

    def _mode(self) -> Any:
        return tf.one_hot(tf.argmax(self.logits, -1), tf.shape(self.logits)[-1], dtype=self.dtype)


@adds("contrib.distributions.RelaxedOneHotCategorical")
class RelaxedOneHotCategorical(OneHotCategorical):
    """Vectors (..., K) of sum 1 that are nearer to a single one the lower the temperature: Gumbel's softmax."""

    def __init__(self, temperature: Any, logits: Any = None, probs: Any = None, **options: Any) -> None:
        self.temperature = tf.convert_to_tensor(temperature)
        super().__init__(logits, probs, **{"name": "RelaxedOneHotCategorical", "dtype": tf.float32, **options})
        self._reparameterization_type = tf.distributions.FULLY_REPARAMETERIZED

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = tf.concat([[n], tf.shape(self.logits)], 0)
        uniform = tf.random_uniform(shape, 1e-20, 1.0, self.logits.dtype, seed)
        return tf.nn.softmax((self.logits - tf.log(-tf.log(uniform))) / self.temperature)

    def _log_prob(self, x: Any) -> Any:
        size = tf.cast(tf.shape(self.logits)[-1], self.logits.dtype)
        scaled = tf.nn.log_softmax(self.logits - self.temperature * tf.log(x))
        constant = tf.lgamma(size) + (size - 1.0) * tf.log(self.temperature)
        return constant + tf.reduce_sum(scaled - tf.log(x), -1)


@adds("contrib.distributions.softplus_inverse")
def softplus_inverse(x: Any, name: str | None = None) -> Any:
    """What softplus makes x of, for x above 0."""
    x = tf.convert_to_tensor(x)
    return tf.add(x, tf.log(-tf.math.expm1(-x)), name=name)


@adds("contrib.distributions.percentile")
def percentile(x: Any, q: float, axis: Any = None, interpolation: str = "nearest", keep_dims: bool = False) -> Any:
    """The value below which q percent of x lie; of two neighbours the "nearest", the "lower" or the "higher".

    Raises:
        ValueError: the interpolation is another, or there are several axes.
    """
    rounded = {"nearest": tf.round, "lower": tf.floor, "higher": tf.ceil}.get(interpolation)
    if rounded is None or isinstance(axis, (list, tuple)):
        raise ValueError("percentile: one axis or none, and interpolation nearest, lower or higher")
    x = tf.convert_to_tensor(x)
    ordered = tf.sort(tf.reshape(x, [-1]) if axis is None else x, axis=0 if axis is None else axis)
    place = 0 if axis is None else axis
    last = tf.cast(tf.shape(ordered)[place] - 1, tf.float64)
    found = tf.gather(ordered, tf.cast(rounded(last * q / 100.0), tf.int32), axis=place)
    if not keep_dims:
        return found
    return tf.reshape(found, [1] * x.shape.ndims) if axis is None else tf.expand_dims(found, axis)
