"""The set of callbacks that writes what TensorFlow's tutorial ``mnist_with_summaries.py`` writes, under its tags."""

from __future__ import annotations

import os
import re
from typing import Any

from tfport.callbacks.base import Callback
from tfport.callbacks.graphs import Graph, Profile
from tfport.callbacks.summaries import Activations, Images, KeepProbability, Scalars, TestEvaluation, Weights
from tfport.callbacks.tap import Numbering

# Every tenth step of the tutorial is an evaluation, the first one its step 0; nine updates lie between two.
EVALUATE_EVERY, TRACE_EVERY = 10, 100
STEPS = Numbering(
    train=lambda updates: updates + updates // (EVALUATE_EVERY - 1) + 1,
    test=lambda updates: updates // (EVALUATE_EVERY - 1) * EVALUATE_EVERY,
)
# Ours, as a pattern → the tutorial's. TF1 appends _1 where an operation of that name was in its scope before.
TAGS = {
    r"loss": "cross_entropy_1",
    r"accuracy": "accuracy_1",
    r"images": "input_reshape/input",
    r"(.+)/kernel/(mean|stddev|max|min)": r"\1/weights/summaries/\2_1",
    r"(.+)/bias/(mean|stddev|max|min)": r"\1/biases/summaries/\2_1",
    r"(.+)/kernel/histogram": r"\1/weights/summaries/histogram",
    r"(.+)/bias/histogram": r"\1/biases/summaries/histogram",
    r"(.+)/pre_activations": r"\1/Wx_plus_b/pre_activations",
    r"(.+)/keep_probability": r"\1/dropout_keep_probability",
}


def mnist_with_summaries(
    log_dir: str | os.PathLike[str], inputs: Any, targets: Any, *, every: int = 1, trace: bool = True
) -> list[Callback]:
    """The tutorial's whole set: scalars, weights, activations, images, the graph, run metadata; ``train`` and ``test``.

    Steps are numbered as in the tutorial: before every ninth update the test set is evaluated, which counts as a step,
    so 900 updates make 1,000 steps. With layers named ``layer1``, ``dropout`` and ``layer2`` every tag is the
    tutorial's own, and runs of both lie on one another in TensorBoard.

    Args:
        log_dir: parent of ``train/`` and ``test/``; event files that are there already are left alone.
        inputs: images of the test set, as the model takes them.
        targets: its labels.
        every: so many updates from one training step that is written to the next; 0 writes none of the set.
        trace: whether to trace steps 99, 199 and so on, as the tutorial does.
    """
    options: dict[str, Any] = {"every": every, "tags": tag, "numbering": STEPS}
    sources = [
        Images(log_dir, **options),
        Weights(log_dir, **options),
        KeepProbability(log_dir, **options),
        Activations(log_dir, **options),
        Scalars(log_dir, evaluations=False, **options),
    ]
    traced = range(TRACE_EVERY - 1, 10**9, TRACE_EVERY) if trace and every else ()
    evaluated = EVALUATE_EVERY - 1 if every else 0
    return [
        *sources,
        TestEvaluation(log_dir, inputs, targets, evaluated, sources, numbering=STEPS),
        Graph(log_dir, on=bool(every)),
        Profile(log_dir, traced, numbering=STEPS),
    ]


def tag(ours: str) -> str:
    """The tutorial's name of a tag."""
    for pattern, theirs in TAGS.items():
        found = re.fullmatch(pattern, ours)
        if found:
            return found.expand(theirs)
    return ours
