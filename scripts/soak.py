"""Kills programs at random instants and resumes them, until every run has ended as one that nobody disturbed.

    python scripts/soak.py --kills 200

Every run is compared with an undisturbed one of the same flags: weights and reports have to be equal bit for bit, and
TensorBoard's event files have to hold the same values at the same steps, none missing and none twice. Exit code 1 where
one differs or is lost. Kills are SIGKILL mostly, else SIGTERM or Ctrl-C.
"""

from __future__ import annotations

import collections
import itertools
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfport import startup
from tfport.data import Source
from tfport.errors import UserError
from tfport.flags import Flags, flag, run

# Long enough to be killed in the middle, short enough to be killed two hundred times.
PROGRAMS = {
    "cnn": ["--steps", "60", "--report-every", "25", "--summary-every", "10"],
    "summaries": ["--steps", "60", "--report-every", "25"],
    "logistic": ["--steps", "30000", "--report-every", "9000", "--summary-every", "1000"],  # XLA takes it
}
DIGITS = {"cnn", "summaries"}
GRAPHS = ("keras", "__run_graph__")  # tags; names in a graph vary
MOST = 60  # resumes of one run: more than that, and it goes nowhere


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags of the soak."""

    kills: int = flag(200, "in all, over the three programs", low=1)
    data: Source = flag("fake", "digits of the programs, as their --data takes it")
    seed: int = flag(1, "of the instants and of the signals", low=0)


def weights_of(folder: Path) -> dict[str, bytes]:
    """The bytes of every weight and optimizer slot of a finished run.

    Keras saves its metrics with them: running means since the last report, of which a resumed run has seen the end.
    """
    import h5py

    found: dict[str, bytes] = {}
    with h5py.File(folder / "final.weights.h5", "r") as file:
        file.visititems(lambda name, item: found.update({name: item[()].tobytes()} if hasattr(item, "shape") else {}))
    return {name: content for name, content in found.items() if not name.startswith("metrics/")}


def reports_of(folder: Path) -> list[dict[str, Any]]:
    """The lines of ``metrics.jsonl``, without what took how long."""
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    timing = ("seconds", "compiling")
    return [{key: value for key, value in json.loads(line).items() if key not in timing} for line in lines]


def summaries_of(folder: Path) -> collections.Counter[tuple[str, int, str, bytes]]:
    """How often every value is in the event files: (folder, step, tag, value). Graphs count without their content."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    found: collections.Counter[tuple[str, int, str, bytes]] = collections.Counter()
    for path in sorted((folder / "tb").rglob("*tfevents*")):
        part = path.parent.name
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                content = value.tensor.SerializeToString() if value.tag not in GRAPHS else b""
                found[part, event.step, value.tag, content] += 1
    return found


def command(name: str, log_dir: Path, config: Config, folder: Path | None) -> list[str]:
    """What starts a program, or has a run of it go on."""
    program = [sys.executable, "-m", f"tfport.{name}"]
    if folder is not None:
        return [*program, "--resume", str(folder)]
    source = ["--data", config.data] if name in DIGITS else []
    return [*program, *PROGRAMS[name], *source, "--checkpoint-seconds", "0", "--log-dir", str(log_dir)]


def run_of(log_dir: Path) -> Path | None:
    """The run that was begun in a folder; None where it was killed before it had written what it is."""
    begun = [path.parent for path in log_dir.glob("*/config.json")]
    return begun[0] if begun else None


def disturbed(
    name: str, log_dir: Path, config: Config, kills: int, seconds: float, chance: random.Random
) -> tuple[Path, collections.Counter[str]]:
    """A run that is killed at random instants and resumed until it ends; at most so many times.

    Args:
        name: of the program.
        log_dir: of this run alone.
        config: flags.
        kills: at most.
        seconds: that an undisturbed run takes: instants are drawn from the time that it needs.
        chance: draws.

    Returns:
        The finished run; how often which signal ended it.

    Raises:
        UserError: the run is lost: a process ended by itself, and not well, or it goes nowhere.
    """
    killed: collections.Counter[str] = collections.Counter()
    for _ in range(MOST):
        with subprocess.Popen(  # noqa: S603 programs of this project
            command(name, log_dir, config, run_of(log_dir)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            if killed.total() < kills:
                try:
                    process.wait(chance.uniform(0.0, 0.8 * seconds))  # what is killed shall have something left to do
                except subprocess.TimeoutExpired:
                    number = chance.choices((signal.SIGKILL, signal.SIGTERM, signal.SIGINT), (8, 1, 1))[0]
                    process.send_signal(number)
                    killed[number.name] += 1
            said, _ = process.communicate()
        finished = run_of(log_dir)
        if process.returncode == 0 and finished is not None:
            return finished, killed
        if process.returncode not in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, 130, 143):
            raise UserError(f"{name} in {log_dir} is lost: exit code {process.returncode}\n{said}")
    raise UserError(f"{name} in {log_dir} goes nowhere: {MOST} times resumed")


def differences(whole: Path, other: Path) -> list[str]:
    """In what a run differs from an undisturbed one."""
    told = []
    if weights_of(whole) != weights_of(other):
        told.append("weights differ")
    if reports_of(whole) != reports_of(other):
        told.append("reports differ")
    one, two = summaries_of(whole), summaries_of(other)
    if missing := one - two:
        told.append(f"{missing.total()} summaries missing, such as {next(iter(missing))[:3]}")
    if more := two - one:
        told.append(f"{more.total()} summaries too many, such as {next(iter(more))[:3]}")
    return told


def main(argv: Sequence[str] | None = None) -> int:
    """Soak; prints a line for every run and the counts; returns the exit code."""
    config = Config.parse(argv, prog="python scripts/soak.py", description=(__doc__ or "").splitlines()[0])
    chance = random.Random(config.seed)  # noqa: S311 no secret
    startup.prepare(keras=False)  # for TensorBoard's reader, without chatter
    bad, runs, total = 0, 0, collections.Counter[str]()
    with tempfile.TemporaryDirectory(prefix="tfport-soak-") as scratch:
        whole, seconds = {}, {}
        for name in PROGRAMS:
            folder = Path(scratch) / name / "whole"
            began = time.monotonic()
            whole[name], _ = disturbed(name, folder, config, 0, 0.0, chance)
            seconds[name] = time.monotonic() - began
        for number, name in enumerate(itertools.cycle(PROGRAMS), start=1):
            left = config.kills - total.total()
            if left <= 0:
                break
            folder = Path(scratch) / name / f"killed-{number}"
            # Not all of the kills that are left in one run, so that all programs get theirs.
            try:
                finished, killed = disturbed(name, folder, config, min(left, 10), seconds[name], chance)
                told = differences(whole[name], finished)
            except UserError as error:
                killed, told = collections.Counter(), [str(error)]
            total += killed
            runs, bad = runs + 1, bad + bool(told)
            counts = ", ".join(f"{count} {signal_name}" for signal_name, count in sorted(killed.items())) or "no kill"
            print(f"{name:<10} {counts}: {'; '.join(told) or 'equal to the undisturbed run'}", flush=True)
            if bad > 3:
                break
    counts = ", ".join(f"{count} {signal_name}" for signal_name, count in sorted(total.items()))
    print(f"{runs} runs, {total.total()} kills ({counts}): {runs - bad} equal to the undisturbed, {bad} not")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(run(main))
