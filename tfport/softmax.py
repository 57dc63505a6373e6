"""Softmax regression on MNIST. TF1 twin: legacy_tf1/softmax.py.

TensorFlow's "MNIST for ML Beginners". Traps that the port had to see: the raw ``log(softmax)`` is NaN once a
probability underflows, logits with the softmax inside the loss never are (the tutorial itself says so); its loss is a
MEAN over the batch, as Keras's is, so the learning rate of 0.5 carries over unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tfport import callbacks, keras, models, plots, training
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's softmax regression on MNIST, in Keras. TF1 twin: python -m legacy_tf1.softmax"


@dataclass(frozen=True, kw_only=True)
class Config(training.Config):
    """Flags of the program; the defaults are the tutorial's."""

    learning_rate: float = flag(0.5, "of gradient descent", above=0)
    report_every: int = flag(250, "steps from one evaluation on the test set to the next", low=1)


# --- data ---

# training.start reads the digits with tfport.data.load: images (N, 28, 28, 1), labels (N,) as numbers.


# --- model ---


def model(config: Config) -> keras.Model:
    """Logits (batch, 10) of images (batch, 28, 28, 1)."""
    with training.precision(config.precision):
        return models.softmax()


# --- loss and optimizer ---


def build(config: Config) -> keras.Model:
    """The compiled model."""
    compiled = model(config)
    compiled.compile(
        optimizer=keras.optimizers.SGD(config.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # the callbacks write from inside the step; fit takes XLA by itself
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
    """Train and print a line for every 250 steps; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.softmax", description=DESCRIPTION)
    with training.start("softmax", config, build) as this_run:
        train(this_run)
        this_run.save()
        plots.training_curves(this_run.reports, "softmax", this_run.figures / "curves.png")
        return this_run.finish()


if __name__ == "__main__":
    run(main)
