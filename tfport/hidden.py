"""One hidden layer on points. TF1 twin: legacy_tf1/hidden.py.

Two tanh units, four, or two relu: E. Nakai's TensorFlow book (Korean edition, Jpub 2017). Traps that the port had to
see: with the raw ``log(sigmoid)`` the relu variant ends as NaN from nearly half of all starts, on logits it never does;
the loss is a SUM over 65 points, so gradient descent at 0.001 would need 0.065 with Keras's mean; biases are multiplied
by the mean coordinate, and so, twice, are their gradient steps. Where the start of the hidden weights lies decides the
outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfport import callbacks, keras, models, plots, training
from tfport.data import Problem, problems
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's network with one hidden layer, in Keras. TF1 twin: python -m legacy_tf1.hidden"
EXTENT = (0.0, 30.0)


@dataclass(frozen=True, kw_only=True)
class Config(training.PointsConfig):
    """Flags of the program; the defaults are the tutorial's."""

    variant: models.Variant = flag("tanh2", "activation and number of hidden units")
    steps: int = flag(1000, "optimizer steps, each on all the points", low=1)
    learning_rate: float = flag(0.001, "of gradient descent", above=0)
    report_every: int = flag(200, "steps from one line to the next", low=1)
    seed: int = flag(20180311, "of the initial weights", low=0)


# --- data ---


def load(config: Config) -> Problem:
    """Sixty-five points."""
    return problems.points("hidden", config.data_seed)


# --- model ---


def model(config: Config) -> keras.Model:
    """Logits (points, 1) of points (points, 2)."""
    return models.hidden(variant=config.variant, bias_scale=float(np.mean(load(config).train.inputs)))


# --- loss and optimizer ---


def build(config: Config) -> keras.Model:
    """The compiled model."""
    compiled = model(config)
    compiled.compile(
        optimizer=keras.optimizers.SGD(config.learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum"),
        metrics=[keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)],  # a logit of 0 is a half
        jit_compile=False,
    )
    return compiled


# --- training ---


def train(this_run: training.Run) -> None:
    """Run ``config.steps`` steps; a line at every report."""
    scalars = callbacks.Scalars(this_run.tensorboard, this_run.config.summary_every)
    this_run.fit([scalars])


# --- figures ---


def draw(this_run: training.Run, config: Config) -> None:
    """The points over the probability."""
    samples, report = this_run.data.train, this_run.reports[-1]
    field = training.probabilities(this_run.model, plots.plane(EXTENT))
    title = f"Keras, {config.variant}: {100 * (report.accuracy or 0):.1f} % right, loss {report.loss:.2f}"
    path = this_run.figures / f"field-{config.variant}.png"
    plots.probability_field(samples.inputs, samples.targets[:, 0], field, EXTENT, title, path)


# --- program ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train and print a line for every 200 steps; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.hidden", description=DESCRIPTION)
    with training.start("hidden", config, build, load) as this_run:
        train(this_run)
        this_run.save()
        draw(this_run, config)
        return this_run.finish()


if __name__ == "__main__":
    run(main)
