"""A CNN with one convolution on MNIST. TF1 twin: legacy_tf1/single_cnn.py.

Sixteen filters without bias or activation, a dense layer, logits: E. Nakai's TensorFlow book (Korean edition, Jpub
2017). Traps that the port had to see: the loss is a SUM over the batch, which Keras's losses are only when told (Adam
hardly minds; gradient descent at the same rate would go a hundred times as far); the raw ``log(softmax)`` is NaN once
a probability underflows; TN(1) on 3,136 inputs starts with hidden values forty times as large as Keras's own start,
Glorot's, would make them; v1's Adam has ε 1e-8, Keras's 1e-7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfport import callbacks, keras, models, plots, training
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's CNN with one convolution, in Keras. TF1 twin: python -m legacy_tf1.single_cnn"


@dataclass(frozen=True, kw_only=True)
class Config(training.Config):
    """Flags of the program; the defaults are the tutorial's."""

    steps: int = flag(4000, "optimizer steps", low=1)
    learning_rate: float = flag(0.0005, "of Adam", above=0)


# --- data ---

# training.start reads the digits with tfport.data.load: images (N, 28, 28, 1), labels (N,) as numbers.


# --- model ---


def model(config: Config) -> keras.Model:
    """Logits (batch, 10) of images (batch, 28, 28, 1)."""
    with training.precision(config.precision):
        return models.single_cnn()


# --- loss and optimizer ---


def build(config: Config) -> keras.Model:
    """The compiled model."""
    compiled = model(config)
    compiled.compile(
        optimizer=training.Adam(config.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum"),
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

# At every report training.fit calls training.evaluate: loss summed and accuracy averaged over the whole test set.


# --- figures ---


def draw(this_run: training.Run) -> None:
    """The filters with what they make of nine test images, and the first ten images that are misread."""
    plots.training_curves(this_run.reports, "single_cnn", this_run.figures / "curves.png")
    network, test = this_run.model, this_run.data.test
    pictures, labels = test.inputs[..., 0], test.targets
    # The part of the network up to the pooling, as a model of its own: the same layers, the same weights.
    pooled = keras.Model(network.inputs, network.get_layer("pool").output)
    maps = training.predict_logits(pooled, test.inputs[:9])
    filters = network.get_layer("conv").get_weights()[0][:, :, 0]
    accuracy = this_run.reports[-1].accuracy or 0
    title = f"Keras: the filters behind {100 * accuracy:.2f} %, and what they make of nine digits"
    plots.filter_sheet(pictures[:9], labels[:9], filters, maps, title, this_run.figures / "filters.png")
    p = training.probabilities(network, test.inputs)
    wrong = np.flatnonzero(np.argmax(p, axis=1) != labels)
    if len(wrong):
        rows = wrong[:10]
        title = f"Keras: the first of {len(wrong)} misread test images"
        plots.misclassified(pictures[rows], labels[rows], p[rows], title, this_run.figures / "misclassified.png")


# --- program ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train and print a line for every thousand steps; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.single_cnn", description=DESCRIPTION)
    with training.start("single_cnn", config, build) as this_run:
        train(this_run)
        this_run.save()
        draw(this_run)
        return this_run.finish()


if __name__ == "__main__":
    run(main)
