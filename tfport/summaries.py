"""A network with one hidden layer on MNIST, for TensorBoard. TF1 twin: legacy_tf1/summaries.py.

After ``mnist_with_summaries.py`` (the TensorFlow Authors, 2015, Apache-2.0). Traps that the port had to see: TF1's
``--dropout`` is the probability to keep, Keras's rate the one to drop; of ``--max_steps 1000`` every tenth step is an
evaluation, so 900 are updates; the loss is a mean, on logits; v1's Adam has ε 1e-8, Keras's 1e-7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tfport import callbacks, keras, models, plots, training
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial on TensorBoard, in Keras. TF1 twin: python -m legacy_tf1.summaries"


@dataclass(frozen=True, kw_only=True)
class Config(training.Config):
    """Flags of the program; the defaults are the tutorial's."""

    RETIRED: ClassVar = {
        "dropout": "--dropout is TF1's probability to KEEP; this program takes --dropout-rate, the probability to "
        "drop: write 0.1 for TF1's 0.9",
        "max_steps": "--max-steps counts TF1's evaluations too, every tenth step; this program takes --steps, which "
        "are updates: write 900 for TF1's 1000",
    }

    steps: int = flag(900, "optimizer steps", low=1)
    dropout_rate: float = flag(0.1, "probability to DROP a unit in training", low=0, below=1)
    report_every: int = flag(90, "steps from one evaluation on the test set to the next", low=1)
    summary_every: int = flag(1, "steps from one training summary for TensorBoard to the next", low=1)


# --- data ---

# training.start reads the digits with tfport.data.load: images (N, 28, 28, 1), labels (N,) as numbers.


# --- model ---


def model(config: Config) -> keras.Model:
    """Logits (batch, 10) of images (batch, 28, 28, 1)."""
    with training.precision(config.precision):
        return models.summaries(dropout_rate=config.dropout_rate)


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
    """Run ``config.steps`` steps with all of the tutorial's summaries; a line on the test set at every report."""
    test = this_run.data.test
    shown = callbacks.mnist_with_summaries(
        this_run.tensorboard, test.inputs, test.targets, every=this_run.config.summary_every
    )
    this_run.fit(shown)


# --- evaluation ---

# At every report training.fit calls training.evaluate: loss and accuracy over the whole test set, dropout off.


# --- program ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train and print a line for every 90 steps; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.summaries", description=DESCRIPTION)
    with training.start("summaries", config, build) as this_run:
        train(this_run)
        this_run.save()
        plots.training_curves(this_run.reports, "summaries", this_run.figures / "curves.png")
        return this_run.finish()


if __name__ == "__main__":
    run(main)
