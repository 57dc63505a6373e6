"""CNN on MNIST. TF1 twin: legacy_tf1/cnn.py.

Two convolutions, a dense layer with dropout, logits: E. Nakai's TensorFlow book (Korean edition, Jpub 2017). Traps
that the port had to see: TF1's ``keep_prob`` is the probability to keep, Keras's rate the one to drop; the loss is a
SUM over the batch, which Keras's losses are only when told; the raw ``log(softmax)`` is NaN once a probability
underflows, logits with the softmax inside the loss never are; v1's Adam has ε 1e-8, Keras's 1e-7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tfport import callbacks, keras, models, plots, training
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's CNN on MNIST, in Keras. TF1 twin: python -m legacy_tf1.cnn"
RETIRED = {
    "dropout": "--dropout is TF1's probability to KEEP; this program takes --dropout-rate, the probability to drop: "
    "write 0.1 for TF1's 0.9"
}


@dataclass(frozen=True, kw_only=True)
class Config(training.Config):
    """Flags of the program; the defaults are the tutorial's."""

    preset: models.Preset = flag("tutorial", "deep: the 'deep MNIST' variant of the initial values")
    steps: int = flag(None, "optimizer steps (default: 4000; with --preset deep 20000)", low=1)
    batch_size: int = flag(50, "images in a step", low=1, high=55_000)
    learning_rate: float = flag(1e-4, "of Adam", low=0)
    dropout_rate: float = flag(0.5, "probability to DROP a unit in training", low=0, high=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settle(steps=20_000 if self.preset == "deep" else 4000)


# --- model, loss and optimizer ---


def build(config: Config) -> keras.Model:
    """The compiled model."""
    model = models.cnn(dropout_rate=config.dropout_rate, preset=config.preset)
    model.compile(
        optimizer=training.Adam(config.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="sum_over_batch_size" if config.preset == "deep" else "sum"
        ),
        metrics=["accuracy"],
        jit_compile=False,  # XLA on a CPU is slower for networks of this size
    )
    return model


# --- program: training and evaluation are training.fit ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train, evaluate every thousand steps, leave a run folder."""
    config = Config.parse(argv, prog="python -m tfport.cnn", description=DESCRIPTION, retired=RETIRED)
    with training.start("cnn", config) as this_run:
        model = build(config)
        scalars = callbacks.Scalars(this_run.tensorboard, config.summary_every)
        training.fit(model, this_run.digits, config, [scalars], report=this_run.add)
        plots.training_curves(this_run.reports, "cnn", this_run.figures / "curves.png")
        return this_run.finish(model)


if __name__ == "__main__":
    run(main)
