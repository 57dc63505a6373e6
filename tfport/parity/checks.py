"""How far two results are apart, how far they may be, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Tolerance(NamedTuple):
    """A limit and the reason for it."""

    limit: float
    reason: str


TOLERANCES = {
    "structure": Tolerance(0, "counts, shapes and trainability are equal or they are not"),
    "initial values": Tolerance(
        1, "Kolmogorov-Smirnov distance over its critical value at a false alarm in a million; constants are equal"
    ),
    "logits": Tolerance(1e-5, "same weights, float32: some 80 roundings of a sum of thousands of products"),
    "loss": Tolerance(1e-5, "a sum over the batch of the same logits"),
    "gradients": Tolerance(1e-4, "sums over batch and image positions, whose order is the kernel's own"),
    "optimizer": Tolerance(1e-5, "of the largest weight, from zero: the gradients are the same, the formula is left"),
    "raw loss": Tolerance(1e-4, "log(softmax) loses digits that the form on logits keeps"),
    "early losses": Tolerance(1e-5, "ten steps: rounding has not been amplified yet"),
    "late losses": Tolerance(1e-3, "a hundred steps: Adam divides by small numbers and amplifies rounding"),
    "bits": Tolerance(0, "the same kernels on the same numbers in the same order"),
    "fake weights": Tolerance(1e-3, "constant images: the loss falls to zero, and nothing amplifies rounding"),
    "minima": Tolerance(0.15, "share of pairs: near a watershed rounding decides; seen are 8 %, 13 % with Keras 3"),
}  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One comparison.

    Attributes:
        rung: 1 to 5.
        name: what was compared.
        measured: the error found, in the unit of the limit.
        limit: the largest error allowed; None where the figure is for information.
        detail: what a reader wants to know besides.
    """

    rung: int
    name: str
    measured: float
    limit: float | None
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Whether the error is within the limit; NaN never is."""
        return self.limit is None or bool(self.measured <= self.limit)


def relative_error(expected: np.ndarray, actual: np.ndarray) -> float:
    """Largest absolute difference over the largest absolute expected value; infinite where either is not finite."""
    expected, actual = np.asarray(expected, np.float64), np.asarray(actual, np.float64)
    if expected.shape != actual.shape or not (np.isfinite(expected).all() and np.isfinite(actual).all()):
        return math.inf
    difference = float(np.max(np.abs(expected - actual), initial=0))
    if difference == 0:
        return 0.0
    scale = float(np.max(np.abs(expected), initial=0))
    return difference / scale if scale else math.inf


def ulps(expected: np.ndarray, actual: np.ndarray) -> float:
    """Largest distance of float32 arrays in units in the last place: 0 means equal to the bit (but for −0 = 0)."""
    expected, actual = np.asarray(expected, np.float32), np.asarray(actual, np.float32)
    if expected.shape != actual.shape or np.isnan(expected).any() or np.isnan(actual).any():
        return math.inf

    def ordered(values: np.ndarray) -> np.ndarray:
        # Neighbouring floats have neighbouring bit patterns, mirrored below zero.
        bits = np.ascontiguousarray(values).view(np.int32).astype(np.int64)
        return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)

    return float(np.max(np.abs(ordered(expected) - ordered(actual)), initial=0))


def distribution_distance(expected: np.ndarray, actual: np.ndarray) -> float:
    """How unlike two samples are: two-sample Kolmogorov-Smirnov statistic over its critical value at p = 1e-6.

    Constants must be equal: 0 where they are, infinite where not.
    """
    expected, actual = np.sort(np.ravel(expected)), np.sort(np.ravel(actual))
    if expected[0] == expected[-1] or actual[0] == actual[-1]:
        return 0.0 if np.array_equal(np.unique(expected), np.unique(actual)) else math.inf
    points = np.concatenate([expected, actual])
    below = [np.searchsorted(sample, points, side="right") / len(sample) for sample in (expected, actual)]
    statistic = float(np.max(np.abs(below[0] - below[1])))
    n, m = len(expected), len(actual)
    return statistic / (math.sqrt(-math.log(1e-6 / 2) / 2) * math.sqrt((n + m) / (n * m)))


# 97.5th percentile of Student's t for 1 to 30 degrees of freedom: the bounds of a 95 % interval.
_T975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


def paired_interval(differences: np.ndarray) -> tuple[float, float, float]:
    """Mean of paired differences and its 95 % confidence interval (Student's t).

    That interval inside ±margin is a test of equivalence at the 2.5 % level (two one-sided tests, Schuirmann 1987).

    Returns:
        Mean, lower bound, upper bound; the bounds are infinite for a single pair.
    """
    mean, n = float(np.mean(differences)), len(differences)
    if n < 2:
        return mean, -math.inf, math.inf
    if n - 2 < len(_T975):
        t = _T975[n - 2]
    else:  # Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5: right to four digits here
        z = 1.959964
        t = z + (z**3 + z) / (4 * (n - 1)) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * (n - 1) ** 2)
    half = t * float(np.std(differences, ddof=1)) / math.sqrt(n)
    return mean, mean - half, mean + half
