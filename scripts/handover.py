"""Trains a TF1 program, hands its checkpoint to Keras, and lets both go on: the same batches, the same dropout.

    python scripts/handover.py cnn --data mnist

Prints the losses of both sides after the handover, and whether weights and optimizer slots are equal at the end; exit
code 1 where they are not within the tolerances of `tfport parity`'s rung 4.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfport import data as sources
from tfport import registry, startup
from tfport.errors import UserError
from tfport.flags import Flags, flag, run

SHOWN = 10  # steps from one line to the next
KEEP_PROB = 0.5


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags after the name of the pair, one of those on digits."""

    at: int = flag(500, "steps that the TF1 program takes", low=1)
    to: int = flag(600, "step to which both go on", low=2)
    data: sources.Source = flag("mnist", "digits of both programs")
    data_dir: str = flag("", "folder of the four MNIST files")


def main(argv: Sequence[str] | None = None) -> int:
    """Hand over; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = words.pop(0) if words and not words[0].startswith("-") else "cnn"
    config = Config.parse(words, prog="python scripts/handover.py NAME", description=(__doc__ or "").splitlines()[0])
    if config.to <= config.at:
        raise UserError(f"--to {config.to} is not after --at {config.at}; name a later step")
    row = registry.find(name)
    if row.sources == registry.OWN_DATA:
        raise UserError(f"{name} learns from points; name a pair on digits, like cnn")
    digits = sources.load(config.data, config.data_dir or None)
    startup.prepare()
    with tempfile.TemporaryDirectory(prefix="tfport-handover-") as scratch:
        given = [*(["--data_dir", config.data_dir] if config.data_dir else []), "--data", config.data]
        command = [sys.executable, "-m", row.legacy, *given, "--steps", str(config.at), "--save", f"{scratch}/tf1"]
        subprocess.run(command, check=True)  # noqa: S603 a program of this project
        (checkpoint,) = {str(path.with_suffix("")) for path in Path(scratch).glob("tf1*.index")}
        return hand_over(row, config, digits, checkpoint)


def hand_over(row: registry.Tutorial, config: Config, digits: sources.Digits, checkpoint: str) -> int:
    """Both sides go on from a checkpoint; prints the comparison and returns the exit code."""
    import tensorflow as tf

    from tfport import interop
    from tfport.parity import Pair
    from tfport.parity.checks import TOLERANCES, relative_error, ulps
    from tfport.parity.sides import GraphSide, KerasSide, training_rows

    pair, taken = Pair.of(row), config.to - config.at
    wanted = {"steps": config.to, "report_every": config.to, "dropout": KEEP_PROB, "dropout_rate": 1 - KEEP_PROB}
    graph = GraphSide(pair, pair.legacy_config({}, loss="stable", **wanted), 1)
    port = KerasSide(pair, pair.twin_config({}, **wanted), 2)
    with graph.graph.as_default():
        tf.compat.v1.train.Saver().restore(graph.session, checkpoint)
    print(interop.from_tf1_checkpoint(checkpoint, port.model))
    old = []
    for step, batch in enumerate(training_rows(digits.train, port.config)[config.at :], start=config.at):
        feed = graph.feed(digits.train.inputs[batch], digits.train.targets[batch], KEEP_PROB)
        feed |= graph.feed_masks(port.seed, step, len(batch))
        old.append(graph.session.run([graph.net.train_step, graph.net.loss], feed)[1])
    new = port.train_recording(digits, done=config.at)
    print(f"{'step':>6}  {'TF1 loss':>12}  {'Keras loss':>12}  apart")
    for index in [*range(0, taken, SHOWN), taken - 1]:
        apart = ulps(np.array(old[index : index + 1]), new[index : index + 1])
        print(
            f"{config.at + index + 1:>6}  {old[index]:>12.6f}  {new[index]:>12.6f}  {apart:g} units in the last place"
        )
    weights = max(ulps(one, two) for one, two in zip(graph.weights(), port.weights(), strict=True))
    slots = max((ulps(one, two) for one, two in zip(graph.slots(), port.slots(), strict=True)), default=0)
    error = relative_error(np.array(old), new)
    pairs = zip([*graph.weights(), *graph.slots()], [*port.weights(), *port.slots()], strict=True)
    off = max(error, *(relative_error(one, two) for one, two in pairs))
    print(
        f"after {taken} steps on both sides: weights {weights:g} ulp apart (units in the last place), optimizer slots "
        f"{slots:g}; largest relative difference of a loss {error:.1e}"
    )
    graph.close()
    return int(off > TOLERANCES["late losses"].limit)


if __name__ == "__main__":
    sys.exit(run(main))
