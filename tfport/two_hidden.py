"""Two hidden layers on points in an XOR layout. TF1 twin: legacy_tf1/two_hidden.py.

Two tanh layers of two units: E. Nakai's TensorFlow book (Korean edition, Jpub 2017). Traps that the port had to see:
the raw ``log(sigmoid)``, where the port's loss is on logits; the loss is a SUM over 120 points, so gradient descent at
0.001 would need 0.12 with Keras's mean; two starts in five stay in a local minimum near 57, so one run proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tfport import callbacks, keras, models, plots, training
from tfport.data import Problem, problems
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's network with two hidden layers, in Keras. TF1 twin: python -m legacy_tf1.two_hidden"
EXTENT = (-15.0, 15.0)


@dataclass(frozen=True, kw_only=True)
class Config(training.PointsConfig):
    """Flags of the program; the defaults are the tutorial's."""

    steps: int = flag(5000, "optimizer steps, each on all the points", low=1)
    learning_rate: float = flag(0.001, "of gradient descent", above=0)
    report_every: int = flag(1000, "steps from one line to the next", low=1)
    seed: int = flag(20180311, "of the initial weights", low=0)


# --- data ---


def load(config: Config) -> Problem:
    """A hundred and twenty points."""
    return problems.points("two_hidden", config.data_seed)


# --- model ---


def model(config: Config) -> keras.Model:
    """Logits (points, 1) of points (points, 2)."""
    return models.two_hidden()


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


def draw(this_run: training.Run) -> None:
    """The points, alone and over the probability."""
    samples, report = this_run.data.train, this_run.reports[-1]
    x, t = samples.inputs, samples.targets[:, 0]
    plots.points(x, t, EXTENT, "Two classes that no line can part", this_run.figures / "points.png")
    field = training.probabilities(this_run.model, plots.plane(EXTENT))
    title = f"Keras: {100 * (report.accuracy or 0):.1f} % right, loss {report.loss:.2f}"
    plots.probability_field(x, t, field, EXTENT, title, this_run.figures / "field.png")


# --- program ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train and print a line for every 1,000 steps; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.two_hidden", description=DESCRIPTION)
    with training.start("two_hidden", config, build, load) as this_run:
        train(this_run)
        this_run.save()
        draw(this_run)
        return this_run.finish()


if __name__ == "__main__":
    run(main)
