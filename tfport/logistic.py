"""Logistic regression on points of two classes. TF1 twin: legacy_tf1/logistic.py.

E. Nakai's TensorFlow book (Korean edition, Jpub 2017). Traps that the port had to see: the raw ``log(sigmoid)`` is NaN
once a probability rounds to 0 or 1, logits with the sigmoid inside the loss never are; the loss is a SUM over the
points (Adam hardly minds; gradient descent at the same rate would go 35 times as far); in TF1 a probability of exactly
one half is wrong for either class, so zero weights score 0, where Keras's BinaryAccuracy takes it for class 0; v1's
Adam has ε 1e-8, Keras's 1e-7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tfport import callbacks, keras, models, plots, training
from tfport.data import Problem, problems
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's logistic regression, in Keras. TF1 twin: python -m legacy_tf1.logistic"
EXTENT = (0.0, 30.0)


@dataclass(frozen=True, kw_only=True)
class Config(training.PointsConfig):
    """Flags of the program; the defaults are the tutorial's."""

    steps: int = flag(20_000, "optimizer steps, each on all the points", low=1)
    learning_rate: float = flag(0.001, "of Adam", above=0)
    report_every: int = flag(4000, "steps from one line to the next", low=1)


# --- data ---


def load(config: Config) -> Problem:
    """Thirty-five points."""
    return problems.points("logistic", config.data_seed)


# --- model ---


def model(config: Config) -> keras.Model:
    """Logits (points, 1) of points (points, 2)."""
    return models.logistic()


# --- loss and optimizer ---


def build(config: Config) -> keras.Model:
    """The compiled model."""
    compiled = model(config)
    compiled.compile(
        optimizer=training.Adam(config.learning_rate),
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


def draw(this_run: training.Run) -> None:
    """The points, and the decision line over the probability."""
    samples = this_run.data.train
    x, t = samples.inputs, samples.targets[:, 0]
    (w1, w2), (w0,) = this_run.model.get_weights()[0][:, 0], this_run.model.get_weights()[1]
    title = f"Keras: {100 * (this_run.reports[-1].accuracy or 0):.1f} % on the right side of the line"
    plots.points(x, t, EXTENT, "A line can part nearly all of the points", this_run.figures / "points.png")
    field = training.probabilities(this_run.model, plots.plane(EXTENT))
    plots.probability_field(x, t, field, EXTENT, title, this_run.figures / "field.png", line=(w0, w1, w2))


# --- program ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train, print a line for every 4,000 steps and the weights; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.logistic", description=DESCRIPTION)
    with training.start("logistic", config, build, load) as this_run:
        train(this_run)
        this_run.save()
        w, w0 = this_run.model.get_weights()
        print(w0[0], *w[:, 0])
        draw(this_run)
        return this_run.finish()


if __name__ == "__main__":
    run(main)
