"""A deep network with softmax as hidden activation on MNIST. TF1 twin: legacy_tf1/dnn.py.

limitsinx.tistory.com, part 11-EX. Traps that the port had to see: softmax is a poor hidden activation, since it makes
256 units share an activation of 1 (kept, it is the lesson; relu learns far better); weights AND biases start at
N(0, 1), where Keras would take Glorot and zeros; the loss is a mean, on logits; v1's Adam has ε 1e-8, Keras's 1e-7.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfport import callbacks, keras, models, plots, training
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's deep network on MNIST, in Keras. TF1 twin: python -m legacy_tf1.dnn"


@dataclass(frozen=True, kw_only=True)
class Config(training.Config):
    """Flags of the program; the defaults are the tutorial's."""

    epochs: int = flag(15, "passes over the training set of 55,000", low=1)
    steps: int = flag(None, "optimizer steps (default: those of the epochs, 8250)", low=1)
    report_every: int = flag(None, "steps from one evaluation to the next (default: those of an epoch, 550)", low=1)
    seed: int = flag(777, "of initial weights and the order of batches", low=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        total_batch = max(1, 55_000 // self.batch_size)
        self.settle(steps=self.epochs * total_batch, report_every=total_batch)


# --- data ---

# training.start reads the digits with tfport.data.load: images (N, 28, 28, 1), labels (N,) as numbers.


# --- model ---


def model(config: Config) -> keras.Model:
    """Logits (batch, 10) of images (batch, 28, 28, 1)."""
    with training.precision(config.precision):
        return models.dnn()


# --- loss and optimizer ---


def build(config: Config) -> keras.Model:
    """The compiled model."""
    compiled = model(config)
    compiled.compile(
        optimizer=training.Adam(config.learning_rate),
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


# --- figures ---


def draw(this_run: training.Run) -> None:
    """Label and prediction of one test image, which Python's own unseeded generator picks; and the image."""
    plots.training_curves(this_run.reports, "dnn", this_run.figures / "curves.png")
    test = this_run.data.test
    row = random.SystemRandom().randrange(len(test))  # the model's seed has seeded the other generators
    label = test.targets[row]
    prediction = np.argmax(training.predict_logits(this_run.model, test.inputs[row : row + 1]))
    print(f"test image {row}: label {label}, prediction {prediction}")
    title = f"Keras: test image {row}, label {label}, prediction {prediction}"
    plots.digit(test.inputs[row, :, :, 0], title, this_run.figures / "digit.png")


# --- program ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train and print a line for every epoch; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.dnn", description=DESCRIPTION)
    with training.start("dnn", config, build) as this_run:
        train(this_run)
        this_run.save()
        draw(this_run)
        return this_run.finish()


if __name__ == "__main__":
    run(main)
