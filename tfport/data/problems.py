"""The small sets of the tutorials: twelve mean temperatures, and points drawn from Gaussians in the plane.

The points come from NumPy's legacy generator, whose streams are frozen: the same seed gives the same points for ever.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Literal, NamedTuple

import numpy as np

SEED = 20180311  # the tutorials': both notebooks of points seed NumPy with it, once

# °C, January to December
TEMPERATURES = (5.2, 5.7, 8.6, 14.9, 18.2, 20.4, 25.5, 26.4, 22.8, 17.5, 11.1, 6.6)

PointSet = Literal["logistic", "holdout", "hidden", "two_hidden"]


class Group(NamedTuple):
    """Points of one label, from a Gaussian with the same variance in every direction."""

    mean: tuple[float, float]
    variance: float
    size: int
    label: int


GROUPS: dict[PointSet, tuple[Group, ...]] = {
    "logistic": (Group((10, 11), 20, 20, 0), Group((18, 20), 22, 15, 1)),
    "holdout": (Group((10, 11), 20, 800, 0), Group((18, 20), 22, 600, 1)),
    "hidden": (
        Group((7, 7), 22, 15, 0),
        Group((22, 7), 22, 15, 0),
        Group((7, 22), 22, 10, 0),
        Group((20, 20), 22, 25, 1),
    ),
    "two_hidden": (
        Group((-7, -7), 18, 30, 1),
        Group((-7, 7), 18, 30, 0),
        Group((7, -7), 18, 30, 0),
        Group((7, 7), 18, 30, 1),
    ),
}
# These go on with the generator of another set, in the same notebook, without seeding again.
CONTINUES: dict[PointSet, PointSet] = {"holdout": "logistic", "two_hidden": "hidden"}
TRAINING_SHARE = {"holdout": 0.8}


@dataclasses.dataclass(frozen=True)
class Samples:
    """Inputs and what is to be learned from them.

    Attributes:
        inputs: float32 (N, features).
        targets: float32 (N, 1): numbers, or labels 0 and 1.
        binary: whether targets are labels.
    """

    inputs: np.ndarray
    targets: np.ndarray
    binary: bool = True

    def __len__(self) -> int:
        return len(self.targets)

    def accuracy(self, logits: np.ndarray) -> float | None:
        """Share of logits (N, 1) of the right sign; None where targets are no labels.

        A logit of exactly 0, a probability of one half, is wrong for either label, as in the tutorials: zero weights
        score 0.
        """
        return float(np.mean(np.sign(logits) == np.sign(self.targets - 0.5))) if self.binary else None


@dataclasses.dataclass(frozen=True)
class Problem:
    """A small set to learn from; its attributes are named as those of :class:`tfport.data.Digits`.

    Attributes:
        train: what is learned from, all of it in every step.
        test: what reports are made on: the same samples, or those held out.
        title: what the set is, for people.
        origin: where it comes from.
        source: always "tutorial".
        sha256: of the four arrays.
        notice: always "".
    """

    train: Samples
    test: Samples
    title: str
    origin: str
    source: str = "tutorial"
    notice: str = ""

    @property
    def sha256(self) -> str:
        """Over inputs and targets of both parts."""
        arrays = (self.train.inputs, self.train.targets, self.test.inputs, self.test.targets)
        return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()

    @property
    def summary(self) -> str:
        """What is there, in a phrase."""
        return f"{self.title} ({self.origin})"

    @property
    def scored(self) -> str:
        """What an accuracy on ``test`` is called."""
        return "accuracy" if self.test is self.train else "test accuracy"


def draw(name: PointSet, seed: int = SEED) -> np.ndarray:
    """Draw a set of points as its tutorial did.

    Args:
        name: of the tutorial.
        seed: of NumPy's legacy generator, 0 to 2³²−1.

    Returns:
        float64 (N, 3): two coordinates and the label, in the order in which the tutorial had them.

    Raises:
        KeyError: no such set.
        ValueError: a seed outside that range.
    """
    generator = np.random.RandomState(seed)
    for each in (CONTINUES[name], name) if name in CONTINUES else (name,):
        # mean + σ · normal is what multivariate_normal computes for such a covariance, without its factorisation.
        stacked = np.concatenate([
            np.column_stack([
                np.array(group.mean) + np.sqrt(group.variance) * generator.standard_normal((group.size, 2)),
                np.full(group.size, float(group.label)),
            ])
            for group in GROUPS[each]
        ])  # fmt: skip
        rows = stacked[generator.permutation(len(stacked))]
    return rows


def points(name: PointSet, seed: int = SEED) -> Problem:
    """A set of points, ready to learn from: (N, 2) → label.

    Args:
        name: of the tutorial.
        seed: as for :func:`draw`, whose errors it raises.
    """
    rows = draw(name, seed)
    inputs, targets = rows[:, :2].astype(np.float32), rows[:, 2:].astype(np.float32)
    whole = Samples(inputs, targets)
    title, origin = f"{len(rows)} points", f"seed {seed}"
    if name not in TRAINING_SHARE:
        return Problem(whole, whole, title, origin)
    head = int(len(rows) * TRAINING_SHARE[name])
    held_out = Samples(inputs[head:], targets[head:])
    title = f"{head} points and {len(rows) - head} held out"
    return Problem(Samples(inputs[:head], targets[:head]), held_out, title, origin)


def powers(months: np.ndarray) -> np.ndarray:
    """Rows m⁰ m¹ m² m³ m⁴ of months (N,), as float32 (N, 5)."""
    return np.power(np.asarray(months, np.float64)[:, np.newaxis], np.arange(5)).astype(np.float32)


def temperature() -> Problem:
    """Twelve monthly mean temperatures (12, 1) in °C, and the powers of the month (12, 5)."""
    targets = np.array(TEMPERATURES, np.float32)[:, np.newaxis]
    whole = Samples(powers(np.arange(1, 13)), targets, binary=False)
    return Problem(whole, whole, "12 monthly mean temperatures", "the tutorial's table")


def least_squares() -> tuple[np.ndarray, float]:
    """The closed form of what ``temperature`` approaches: parameters (5,) and the least sum of squares in °C²."""
    design, targets = powers(np.arange(1, 13)).astype(np.float64), np.array(TEMPERATURES)
    parameters, _, _, _ = np.linalg.lstsq(design, targets, rcond=None)
    return parameters, float(np.sum((design @ parameters - targets) ** 2))
