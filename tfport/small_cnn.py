"""A small CNN on MNIST. TF1 twin: legacy_tf1/small_cnn.py.

Two convolutions of 4 and 8 filters and a linear layer: coderkoo.tistory.com/13. Traps that the port had to see: biases
start at random values, where Keras would take zeros; the tutorial's ``if i % 100`` evaluates after every step BUT each
hundredth, which makes it some thirty times slower (here a report is every hundredth step, as it meant); the loss is a
mean, on logits; v1's Adam has ε 1e-8, Keras's 1e-7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tfport import callbacks, keras, models, plots, training
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's small CNN on MNIST, in Keras. TF1 twin: python -m legacy_tf1.small_cnn"


@dataclass(frozen=True, kw_only=True)
class Config(training.Config):
    """Flags of the program; the defaults are the tutorial's."""

    RETIRED: ClassVar = {
        "every": "--every is the TF1 program's; this program takes --report-every",
        "as_written": "--as-written is the TF1 program's; --report-every 1 evaluates as often",
    }

    steps: int = flag(10_000, "optimizer steps", low=1)
    batch_size: int = flag(64, "images in a step", low=1, high=55_000)
    learning_rate: float = flag(0.005, "of Adam", above=0)
    report_every: int = flag(100, "steps from one evaluation on the test set to the next", low=1)


# --- data ---

# training.start reads the digits with tfport.data.load: images (N, 28, 28, 1), labels (N,) as numbers.


# --- model ---


def model(config: Config) -> keras.Model:
    """Logits (batch, 10) of images (batch, 28, 28, 1)."""
    with training.precision(config.precision):
        return models.small_cnn()


# --- loss and optimizer ---


def build(config: Config) -> keras.Model:
    """The compiled model."""
    compiled = model(config)
    compiled.compile(
        optimizer=training.Adam(config.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # XLA on a CPU is slower at convolutions
    )
    return compiled


# --- training ---


def train(this_run: training.Run) -> None:
    """Run ``config.steps`` steps; a line on the test set at every report."""
    scalars = callbacks.Scalars(this_run.tensorboard, this_run.config.summary_every)
    this_run.fit([scalars])


# --- evaluation ---

# At every report training.fit calls training.evaluate: loss and accuracy over the whole test set.


# --- program ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train and print a line for every hundred steps; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.small_cnn", description=DESCRIPTION)
    with training.start("small_cnn", config, build) as this_run:
        train(this_run)
        this_run.save()
        plots.training_curves(this_run.reports, "small_cnn", this_run.figures / "curves.png")
        return this_run.finish()


if __name__ == "__main__":
    run(main)
