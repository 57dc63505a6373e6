"""CNN on MNIST. TF1 twin: legacy_tf1/cnn.py.

Two convolutions, a dense layer with dropout, logits: E. Nakai's TensorFlow book (Korean edition, Jpub 2017). Traps
that the port had to see: TF1's ``keep_prob`` is the probability to keep, Keras's rate the one to drop; the loss is a
SUM over the batch, which Keras's losses are only when told (Adam hardly minds; gradient descent at the same rate would
go fifty times as far); the raw ``log(softmax)`` is NaN once a probability underflows, logits with the softmax inside
the loss never are; TN(1) on 3,136 inputs starts with hidden values over thirty times as large as Keras's own start,
Glorot's, would make them; v1's Adam has ε 1e-8, Keras's 1e-7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tfport import callbacks, keras, models, plots, training
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's CNN on MNIST, in Keras. TF1 twin: python -m legacy_tf1.cnn"


@dataclass(frozen=True, kw_only=True)
class Config(training.Config):
    """Flags of the program; the defaults are the tutorial's."""

    RETIRED: ClassVar = {
        "dropout": "--dropout is TF1's probability to KEEP; this program takes --dropout-rate, the probability to "
        "drop: write 0.1 for TF1's 0.9"
    }

    preset: models.Preset = flag("tutorial", "deep: initial values, steps and mean loss of 'deep MNIST'")
    steps: int = flag(None, "optimizer steps (default: 4000; with --preset deep 20000)", low=1)
    batch_size: int = flag(50, "images in a step", low=1, high=55_000)
    learning_rate: float = flag(1e-4, "of Adam", above=0)
    dropout_rate: float = flag(0.5, "probability to DROP a unit in training", low=0, below=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settle(steps=20_000 if self.preset == "deep" else 4000)


# --- data ---

# training.start reads the digits with tfport.data.load: images (N, 28, 28, 1), labels (N,) as numbers.


# --- model ---


def model(config: Config) -> keras.Model:
    """Logits (batch, 10) of images (batch, 28, 28, 1)."""
    with training.precision(config.precision):
        return models.cnn(dropout_rate=config.dropout_rate, preset=config.preset)


# --- loss and optimizer ---


def build(config: Config) -> keras.Model:
    """The compiled model."""
    compiled = model(config)
    compiled.compile(
        optimizer=training.Adam(config.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="sum_over_batch_size" if config.preset == "deep" else "sum"
        ),
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

# At every report training.fit calls training.evaluate: logits of the test set in quarters, to save memory, then the
# loss summed and the accuracy averaged over all of it.


# --- program ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train and print a line for every thousand steps; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.cnn", description=DESCRIPTION)
    with training.start("cnn", config, build) as this_run:
        train(this_run)
        this_run.save()
        plots.training_curves(this_run.reports, "cnn", this_run.figures / "curves.png")
        return this_run.finish()


if __name__ == "__main__":
    run(main)
