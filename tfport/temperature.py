"""A polynomial through twelve temperatures. TF1 twin: legacy_tf1/temperature.py.

Least squares by gradient descent: E. Nakai's TensorFlow book (Korean edition, Jpub 2017). Traps that the port had to
see: the loss is a SUM over the months, where Keras's mean squared error averages: under Adam the mean would take
nearly the same path, under plain gradient descent a twelfth of the learning rate; the design matrix holds the ones, so
the layer has no bias; v1's Adam has ε 1e-8, Keras's 1e-7. Late in the run Adam jitters: at which
steps the loss has a spike depends on how sums are rounded, and the lines at 40,000 and 100,000 with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfport import callbacks, keras, models, plots, training
from tfport.data import Problem, problems
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's fit of monthly temperatures, in Keras. TF1 twin: python -m legacy_tf1.temperature"


@dataclass(frozen=True, kw_only=True)
class Config(training.BaseConfig):
    """Flags of the program; the defaults are the tutorial's."""

    steps: int = flag(100_000, "optimizer steps, each on all twelve months", low=1)
    learning_rate: float = flag(0.001, "of Adam", above=0)
    report_every: int = flag(20_000, "steps from one line to the next", low=1)
    summary_every: int = flag(1000, "steps from one training summary for TensorBoard to the next", low=1)


# --- data ---


def load(config: Config) -> Problem:
    """The powers of the month, and the temperatures."""
    return problems.temperature()


# --- model ---


def model(config: Config) -> keras.Model:
    """Temperatures (months, 1) of powers (months, 5)."""
    return models.temperature()


# --- loss and optimizer ---


def build(config: Config) -> keras.Model:
    """The compiled model."""
    compiled = model(config)
    compiled.compile(
        optimizer=training.Adam(config.learning_rate),
        loss=keras.losses.MeanSquaredError(reduction="sum"),
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
    """The twelve values, and the curve through them."""
    values, months = np.array(problems.TEMPERATURES), np.linspace(1, 12, 200)
    fitted = training.predict_logits(this_run.model, problems.powers(months))[:, 0]
    loss, least = this_run.reports[-1].loss, problems.least_squares()[1]
    title = f"Keras: sum of squares {loss:.2f} °C² (least possible {least:.2f})"
    plots.monthly(values, this_run.figures / "temperatures.png")
    plots.fitted_curve(values, months, fitted, title, this_run.figures / "fit.png")


# --- program ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train, print a line for every 20,000 steps and the parameters; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.temperature", description=DESCRIPTION)
    with training.start("temperature", config, build, load) as this_run:
        train(this_run)
        this_run.save()
        print(this_run.model.get_weights()[0])
        least = problems.least_squares()[1]
        print(
            f"least squares in closed form: {least:.6f}; this run is {this_run.reports[-1].loss - least:.6f} above it"
        )
        draw(this_run)
        return this_run.finish()


if __name__ == "__main__":
    run(main)
