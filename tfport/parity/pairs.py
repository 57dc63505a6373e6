"""Whole trainings in pairs: the same initial weights, batches and dropout masks, each side by its own code."""

from __future__ import annotations

import dataclasses
import itertools
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tfport.data import Digits, Problem
from tfport.parity.checks import relative_error, ulps
from tfport.parity.sides import Curve, GraphSide, KerasSide, Pair, training_rows

SMALL = 1000  # weights, of a model of which they are kept


@dataclasses.dataclass(frozen=True)
class PairedRun:
    """Two trainings that share what is random.

    Attributes:
        seed: of initial weights, batches and masks.
        steps: optimizer updates of each.
        old: reports of the TF1 program as (updates, loss, accuracy), the last one after the last update.
        new: those of the Keras program.
        old_seconds: of the TF1 program's training with its evaluations; masks are drawn in it, graph and data are not.
        new_seconds: of the Keras program's likewise, its compilation included.
        relative: largest difference of a weight at the end, over the largest weight of its variable; infinite for NaN.
        ulps: the same in units in the last place.
        old_learned: what figures of the trained TF1 program can be drawn from again, as :func:`learned` returns it.
        new_learned: that of the Keras program.
    """

    seed: int
    steps: int
    old: Curve
    new: Curve
    old_seconds: float
    new_seconds: float
    relative: float
    ulps: float
    old_learned: dict[str, Any] = dataclasses.field(default_factory=dict)
    new_learned: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def losses(self) -> tuple[float, float]:
        """Last loss of both."""
        return self.old[-1][1], self.new[-1][1]

    @property
    def accuracies(self) -> tuple[float, float]:
        """Last accuracy of both, in percent."""
        old, new = self.old[-1][2], self.new[-1][2]
        return 100 * (math.nan if old is None else old), 100 * (math.nan if new is None else new)


def train_pair(pair: Pair, data: Digits | Problem, seed: int, settings: Mapping[str, Any], **wanted: Any) -> PairedRun:
    """Train both programs of a pair.

    Args:
        pair: the programs.
        data: what they learn from.
        seed: of initial weights, batches and masks.
        settings: flags of both.
        **wanted: flags that are set where a program has them, like ``steps``, ``loss``, ``report_every``.

    Returns:
        What both came to, and how far their weights are apart.

    Raises:
        UserError: a program refuses one of the flags.
    """
    port = KerasSide(pair, pair.twin_config(settings, seed=seed, **wanted), seed)
    # Budgets that are derived from the data are derived once.
    wanted = {**wanted, "steps": port.config.steps}
    graph = GraphSide(pair, pair.legacy_config(settings, seed=seed, **wanted), seed)
    port.model.set_weights(graph.weights())
    rows = training_rows(data.train, port.config) if isinstance(data, Digits) else None
    began = time.perf_counter()
    old = graph.train(data, rows, port.seed)
    between = time.perf_counter()
    new = port.train(data)
    ended = time.perf_counter()
    weights = list(zip(graph.weights(), port.weights(), strict=True))
    kept = [learned(side, data) for side in (graph, port)]
    graph.close()
    return PairedRun(
        seed=seed,
        steps=port.config.steps,
        old=old,
        new=[(each.step, each.loss, each.accuracy) for each in new],
        old_seconds=between - began,
        new_seconds=ended - between,
        relative=max(relative_error(*both) for both in weights),
        ulps=max(ulps(*both) for both in weights),
        old_learned=kept[0],
        new_learned=kept[1],
    )


def learned(side: GraphSide | KerasSide, data: Digits | Problem) -> dict[str, Any]:
    """What a trained program's figures are drawn from.

    Args:
        side: trained.
        data: what it learned from.

    Returns:
        ``weights``, variable by variable as nested lists, of a small model. Of a program that reads digits: ``filters``
        (5, 5, F) of its first convolution if it has one; ``misread``, how many test images it takes for another digit;
        of the first ten of them their ``rows`` in the test set and the ``probabilities`` (10, 10) that it gives.
    """
    weights = side.weights()
    if isinstance(data, Problem):
        small = sum(weight.size for weight in weights) <= SMALL
        return {"weights": [weight.tolist() for weight in weights]} if small else {}
    logits = side.logits(data.test.inputs).astype(np.float64)
    wrong = np.flatnonzero(np.argmax(logits, axis=1) != data.test.targets)
    shown = np.exp(logits[wrong[:10]] - np.max(logits[wrong[:10]], axis=1, keepdims=True))
    found = {
        "misread": len(wrong),
        "rows": wrong[:10].tolist(),
        "probabilities": (shown / np.sum(shown, axis=1, keepdims=True)).tolist(),
    }
    filters = [weight[:, :, 0].tolist() for weight in weights if weight.ndim == 4]
    return {**found, "filters": filters[0]} if filters else found


def minimum(loss: float, edges: Sequence[float]) -> int:
    """Which minimum a run ended in: the number of edges below its loss; −1 where that is not finite."""
    return -1 if not math.isfinite(loss) else int(np.searchsorted(edges, loss))


def minima_titles(edges: Sequence[float]) -> list[str]:
    """What the minima are called, in the order in which :func:`minimum` counts them."""
    between = [f"{low:g} to {high:g}" for low, high in itertools.pairwise(edges)]
    return [f"below {edges[0]:g}", *between, f"above {edges[-1]:g}"]
