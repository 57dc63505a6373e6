"""``tfport parity NAME...``: climb the ladder, print the table, leave with 1 where a rung failed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tfport import data, registry, startup
from tfport.errors import UserError
from tfport.flags import Flags, file, flag
from tfport.training import Precision


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags of the command."""

    data: data.Source = flag("auto", "digits that both twins learn from")
    data_dir: str | None = flag(None, "folder of the four MNIST files")
    rungs: str = flag("1-5", "rungs to climb: a list like 1,2 or a range like 1-4")
    steps: int = flag(300, "budget of rung 5; see --full", low=1)
    full: bool = flag(False, "rung 5 with the tutorial's whole budget, whatever --steps says")
    seeds: int = flag(3, "paired runs of rung 5", low=2, high=1000)
    seed: int = flag(1, "of weights, batches and masks; rung 5 uses this one and those after it", low=0, high=10**8)
    loss: Literal["raw", "stable"] | None = flag(
        None, "form of the TF1 program's loss in rung 5; the tutorial's own where not given"
    )
    precision: Precision = flag("float32", "of the Keras side in rung 5, where the pair learns digits")
    settings: str = flag("", "other flags of both programs, as NAME=VALUE with commas between, like preset=deep")
    deterministic: bool = flag(True, "deterministic operations, and equal bits demanded of rung 4")
    json: str | None = flag(None, "also write the outcome to this file")

    def selected(self) -> list[int]:
        """The rungs as numbers, in order."""
        sound = True
        try:
            numbers: set[int] = set()
            for part in self.rungs.split(","):
                first, _, last = part.partition("-")
                ends = int(first), int(last or first)
                numbers |= {rung for rung in range(1, 6) if ends[0] <= rung <= ends[1]}
                sound = sound and 1 <= ends[0] <= ends[1] <= 5
        except ValueError:
            sound = False
        if not sound:
            raise UserError(f"--rungs takes numbers from 1 to 5, like 1-4 or 2,3, not {self.rungs!r}")
        return sorted(numbers)

    def settings_of_both(self) -> dict[str, str]:
        """The other flags by name."""
        pairs = [part.partition("=") for part in self.settings.split(",") if part]
        if any(not (name and equals and value) for name, equals, value in pairs):
            raise UserError(f"--settings takes NAME=VALUE with commas between, not {self.settings!r}")
        return {name.strip().replace("-", "_"): value.strip() for name, _, value in pairs}


def main(names: Sequence[str], argv: Sequence[str]) -> int:
    """Climb for the pairs of these names, one after the other; returns the exit code, 0 or 1."""
    config = Config.parse(
        argv, prog="tfport parity NAME...", description="Prove that TF1 programs and their Keras twins agree."
    )
    tutorials, rungs, settings = [registry.find(name) for name in names], config.selected(), config.settings_of_both()
    if config.json:
        file("--json", config.json)
    for tutorial in tutorials:  # a flag that one of them refuses is known at once
        for module in (tutorial.legacy_module(), tutorial.twin_module()):
            given = [f"--{name}={value}" for name, value in settings.items()]
            module.Config.parse(given, prog=f"python -m {module.__name__}", description="")
    digits = digits_for(tutorials, config)
    startup.prepare()
    import tensorflow as tf

    from tfport import keras, parity
    from tfport.training.runs import write_json

    keras.utils.set_random_seed(config.seed)  # deterministic operations refuse to draw without a seed
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    options = parity.Options(
        seed=config.seed,
        exact=config.deterministic,
        trained_steps=None if config.full else config.steps,
        trained_seeds=config.seeds,
        trained_loss=config.loss,
        precision=config.precision,
        settings=settings,
        progress=lambda sentence: print(sentence, file=sys.stderr, flush=True),
    )
    pairs = [parity.Pair.of(tutorial) for tutorial in tutorials]
    ladders = []
    for pair in pairs:
        ladders.append(parity.climb(pair, pair.problem(settings) or digits, rungs, options))
        print(ladders[-1].table(), flush=True)
    if config.json:
        outcomes = [ladder.as_json() for ladder in ladders]
        write_json(Path(config.json), outcomes if len(outcomes) > 1 else outcomes[0])
    return 0 if all(ladder.passed for ladder in ladders) else 1


def digits_for(tutorials: Sequence[registry.Tutorial], config: Config) -> Any:
    """The digits that those of the pairs which learn digits take; None where none does.

    Raises:
        UserError: a pair does not learn from what was asked for.
    """
    learners = [tutorial for tutorial in tutorials if tutorial.sources != registry.OWN_DATA]
    if not learners:
        if config.data != "auto" or config.data_dir is not None:
            raise UserError(f"--data: {tutorials[0].name} learns from data of its own; leave --data and --data-dir out")
        return None
    digits = data.load(config.data, config.data_dir)
    for tutorial in learners:
        if digits.source not in tutorial.sources:
            wanted = ", ".join(tutorial.sources)
            raise UserError(f"--data: {tutorial.name} learns from {wanted}, not from {digits.source}")
    if digits.notice:
        print(digits.notice)
    return digits
