"""The folder that a run leaves behind, and the lines it prints first and last."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from tfport import data as sources
from tfport import startup, versions
from tfport.data import Digits, Problem
from tfport.errors import UserError
from tfport.files import disk_fault, read_json, sync, whole, write_text
from tfport.flags import folder as usable
from tfport.training.config import BaseConfig

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@dataclasses.dataclass(frozen=True)
class Report:
    """Figures after a step.

    Attributes:
        step: optimizer steps done.
        loss: the compiled loss over the whole test set (a small problem without one: over all of it); summed or
            averaged as the loss is.
        accuracy: on the test set, 0 to 1; None where nothing is classified.
        seconds: since training began.
        compiling: of these, what TensorFlow took to trace and compile the steps.
    """

    step: int
    loss: float
    accuracy: float | None
    seconds: float
    compiling: float = dataclasses.field(default=0.0, kw_only=True)

    def __str__(self) -> str:
        line = f"Step: {self.step}, Loss: {self.loss:f}"
        return line if self.accuracy is None else f"{line}, Accuracy: {self.accuracy:f}"


@dataclasses.dataclass(frozen=True)
class Result:
    """What a program's ``main`` returns.

    Attributes:
        reports: one for every evaluation, the last one after the last step.
        source: the digits used: "mnist", "fake" or "synthetic"; "tutorial" for a small problem.
        seconds: whole run, data and figures included.
        folder: the run folder.
    """

    reports: list[Report]
    source: str
    seconds: float
    folder: Path

    @property
    def accuracy(self) -> float | None:
        """Accuracy after the last step, 0 to 1; None where nothing is classified."""
        return self.reports[-1].accuracy


@dataclasses.dataclass
class Run:
    """A run in progress: its data, its folder, its reports.

    The folder holds ``config.json`` (flags, data source with hash and notice, versions), ``metrics.jsonl`` (a line a
    report), ``tb/`` (TensorBoard), ``checkpoints/`` (of :mod:`tfport.training.checkpoints`), ``figures/`` (PNG) and, at
    the end, ``final.weights.h5`` and ``seconds.json`` (what took how long).

    Attributes:
        name: of the program.
        config: its configuration.
        data: what it learns from.
        folder: the run folder.
        model: compiled.
        started: when, by ``time.perf_counter``.
        seconds: part of the program → what it took so far.
        checkpoints: where :meth:`fit` keeps them.
        done: steps done when this part of the run began, in one that is resumed.
        seconds_before: of training, in the parts before.
        kept: what else there was in the checkpoint it is resumed from.
        kind: of its reports.
        reports: so far.
    """

    name: str
    config: BaseConfig
    data: Digits | Problem
    folder: Path
    model: Any
    started: float
    seconds: dict[str, float]
    checkpoints: Any = None
    done: int = 0
    seconds_before: float = 0.0
    kept: dict[str, Any] = dataclasses.field(default_factory=dict)
    kind: type[Report] = Report
    reports: list[Report] = dataclasses.field(default_factory=list)

    @property
    def tensorboard(self) -> Path:
        """Folder of the event files."""
        return self.folder / "tb"

    @property
    def figures(self) -> Path:
        """Folder of the figures."""
        return self.folder / "figures"

    def fit(self, callbacks: Sequence[Any], report: Callable[[Report], None] | None = None) -> None:
        """Train by :func:`tfport.training.fit`, from the last checkpoint on, with checkpoints on the way.

        Ctrl-C and SIGTERM are obeyed between two steps, with a checkpoint of the last one.

        Args:
            callbacks: of the model's own Keras. The values of a traced ``callbacks.EveryStep`` go on after a resume;
                what other callbacks remember (``EarlyStopping``) begins anew.
            report: called with every report instead of :meth:`add`.

        Raises:
            UserError: as ``training.fit`` does.
        """
        from tfport.callbacks import EveryStep
        from tfport.callbacks.tap import Tap
        from tfport.training.loop import fit
        from tfport.training.stopping import Stop

        recorders = [callback for callback in callbacks if isinstance(callback, EveryStep) and callback.traced]
        for recorder, values in zip(recorders, self.kept.get("values", []), strict=False):
            recorder.values.extend(values)

        def state() -> dict[str, Any]:
            Tap.flush(self.model)
            return {
                "grown": {path.relative_to(self.folder).as_posix(): sync(path) for path in self._growing()},
                "values": [np.asarray(recorder.values, np.float32) for recorder in recorders],
            }

        self.checkpoints.state = state
        # Several processes that train together end together, or hang.
        together = getattr(self.config, "strategy", "none") == "multiworker"
        with contextlib.nullcontext() if together else Stop() as stop:
            try:
                fit(
                    self.model,
                    self.data,
                    self.config,
                    callbacks,
                    report=report or self.add,
                    checkpoints=self.checkpoints,
                    done=self.done,
                    stop=stop,
                )
                if stop is not None and stop.signal is not None:  # after the last step
                    stop.obey()
            except (KeyboardInterrupt, SystemExit):
                if stop is not None and stop.signal is not None:
                    by = signal.Signals(stop.signal).name.replace("SIGINT", "Ctrl-C")
                    print(f"\nstopped by {by}; {self.command} goes on from here", flush=True)
                raise

    @property
    def command(self) -> str:
        """What a user types to have the run go on."""
        return f"python -m tfport.{self.name} --resume {shlex.quote(str(self.folder))}"

    def _growing(self) -> list[Path]:
        """The files that a run adds, or adds to, as it goes on; none that others have put into the folder."""
        parts = [self.tensorboard / part for part in ("train", "test", "validation")]
        events = [path for part in parts for path in (*part.glob("*tfevents*"), *part.glob("plugins/profile/*/*"))]
        return [path for path in (self.folder / "metrics.jsonl", *sorted(events)) if path.is_file()]

    def add(self, report: Report) -> None:
        """Keep a report, in memory and as a line of ``metrics.jsonl``, and print it."""
        report = dataclasses.replace(report, seconds=report.seconds + self.seconds_before)
        self.reports.append(report)
        with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(report_line(report) + "\n")
        tqdm.write(str(report), file=sys.stdout)  # print() would tear the progress bar
        sys.stdout.flush()

    def take_up(self, folder: Path) -> None:
        """Restore the last checkpoint of a run folder, and have the run's files end where they ended then.

        What a run that was killed had written since will be written again, by the same steps.

        Raises:
            UserError: it cannot be restored, or the reports cannot be read.
        """
        if not (folder / "checkpoints").is_dir():
            raise UserError(f"--resume {folder}: its checkpoints are gone; start a new run")
        self.done, self.kept = self.checkpoints.restore(folder / "checkpoints")
        if not self.done and (folder / "final.weights.h5").exists():
            raise UserError(f"--resume {folder}: has ended, and its checkpoints are gone; start a new run")
        grown = self.kept.get("grown")
        sizes = grown if isinstance(grown, dict) else {}
        for path in self._growing():
            size = sizes.get(path.relative_to(self.folder).as_posix(), 0)
            if not isinstance(size, int) or size <= 0:
                path.unlink()
                if path.parent.parent.name == "profile":  # a trace is a folder
                    path.parent.rmdir()
            elif size < path.stat().st_size:
                os.truncate(path, size)
            elif size > path.stat().st_size:
                print(f"{path}: is shorter than it was at step {self.done}; what it lacks stays missing", flush=True)
        path = self.folder / "metrics.jsonl"
        try:
            lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
            self.reports = [self.kind(**json.loads(line)) for line in lines]
            if not all(isinstance(each.step, int) and isinstance(each.seconds, (int, float)) for each in self.reports):
                raise ValueError("steps and seconds are no numbers")
        except (ValueError, TypeError, RecursionError) as error:
            raise UserError(f"{path}: is no list of a run's reports ({error}); start the run anew") from error
        if self.reports:
            self.seconds_before = self.reports[-1].seconds
        elif folder == self.folder and self.done >= min(self.config.report_every, self.config.steps):
            raise UserError(f"{path}: is gone, or empty; start a new run")

    def save(self) -> None:
        """Write the weights at the end of training: before the figures, whatever may happen to those."""
        compiling = self.reports[-1].compiling if self.done < self.config.steps else 0.0
        self.seconds |= {
            "compile": compiling,
            "train": time.perf_counter() - self.started - sum(self.seconds.values()) - compiling,
        }
        save_weights(self.model, self.folder / "final.weights.h5")

    def finish(self) -> Result:
        """Write what took how long, print the last line."""
        self.seconds["report"] = time.perf_counter() - self.started - sum(self.seconds.values())
        if self.done < self.config.steps:  # else there was nothing left to do
            write_json(self.folder / "seconds.json", {part: round(took, 3) for part, took in self.seconds.items()})
        result = Result(self.reports, self.data.source, time.perf_counter() - self.started, self.folder)
        score = f"{self.data.scored} {result.accuracy:.4f}" if result.accuracy is not None else ""
        if isinstance(self.data, Problem):
            name = "loss" if self.data.test is self.data.train else "test loss"
            score = ", ".join(filter(None, [f"{name} {self.reports[-1].loss:.6f}", score]))
        print(
            f"{self.name}: {score} on {self.data.title} ({self.data.origin}) "
            f"after {self.reports[-1].step} steps, {result.seconds:.0f} s; run folder {self.folder}"
        )
        return result


@contextlib.contextmanager
def start(
    name: str,
    config: Any,
    build: Callable[[Any], Any],
    load: Callable[[Any], Problem] | None = None,
    kind: type[Report] = Report,
) -> Iterator[Run]:
    """Load the data, make the run folder, seed everything, build the model; take a run up where ``--resume`` says so.

    Args:
        name: of the program; part of the folder's name.
        config: its configuration.
        build: makes the compiled model of it.
        load: makes the small problem of it; without it, digits are loaded as ``config`` says.
        kind: of the reports.

    Raises:
        UserError: broken versions, no data, an unwritable folder, a batch larger than the training set.
    """
    started = time.perf_counter()  # not time.time(): somebody may set the clock meanwhile
    seconds: dict[str, float] = {}

    def passed(part: str) -> None:
        seconds[part] = time.perf_counter() - started - sum(seconds.values())

    resumed = Path(config.resume).expanduser() if config.resume else None
    kept: dict[str, Any] = {}
    if resumed is not None:
        kept, config = _of_run(resumed, name, config)
        _readable_by_tensorflow("--resume", resumed)
        _only_files(resumed)
        if getattr(config, "strategy", "none") != "multiworker":  # a worker would see what another one tries it with
            usable("--resume", str(resumed))
    elif getattr(config, "strategy", "none") != "multiworker":  # of several workers one writes
        usable("--log-dir", os.path.expanduser(config.log_dir) or ".")
    # Before TensorFlow: what is wrong with the data is known at once.
    data = load(config) if load else sources.load(config.data, config.data_dir)
    if load is None and config.batch_size > len(data.train):
        raise UserError(f"--batch-size {config.batch_size} exceeds the {len(data.train)} training images")
    if kept and kept["data"]["sha256"] != data.sha256:
        raise UserError(f"--resume {resumed}: learned from other digits ({kept['data']['origin']}); name the same ones")
    passed("data")
    startup.prepare()
    from tfport import keras
    from tfport.training import strategies
    from tfport.training.checkpoints import Checkpoints

    strategy = strategies.create(getattr(config, "strategy", "none"), getattr(config, "batch_size", 0))
    passed("import")
    with contextlib.ExitStack() as stack:
        alone = strategy is None or strategies.is_chief()
        if not alone:
            # It computes what the first worker computes, and must save when that saves, but nobody wants to see it.
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tfport-worker-")))
            (folder / "figures").mkdir()
            stack.enter_context(contextlib.redirect_stdout(stack.enter_context(open(os.devnull, "w"))))
        else:
            folder = resumed or _new_folder(Path(config.log_dir).expanduser(), name)
        if resumed is None:
            write_json(
                folder / "config.json",
                {
                    "program": name,
                    "config": dataclasses.asdict(config),
                    "data": {key: getattr(data, key) for key in ("source", "origin", "sha256", "notice")},
                    "versions": versions.describe(),
                    "keras": versions.keras_generation(),
                },
            )
            (folder / "checkpoints").mkdir()
        if alone:
            stack.enter_context(_reserved(folder))
        keras.utils.set_random_seed(getattr(config, "seed", 0))
        with strategies.scope(strategy):
            model = build(config)
            checkpoints = Checkpoints(folder / "checkpoints", model, seconds=config.checkpoint_seconds)
        _check_room(folder, model)
        run = Run(name, config, data, folder, model, started, seconds, checkpoints, kind=kind)
        if resumed is not None:
            run.take_up(resumed)
        passed("build")
        if data.notice:
            print(data.notice, flush=True)
        print(f"{name}: {data.summary}")
        if resumed is not None:
            print(f"{name}: goes on after step {run.done} of {resumed}", flush=True)
        try:
            yield run
        except Exception as error:
            fault = disk_fault(error)
            if fault is None or isinstance(error, UserError):
                raise
            raise UserError(
                f"{folder}: {fault}; what was written before is whole; make room, and go on with {run.command}"
            ) from error


def _of_run(folder: Path, name: str, config: Any) -> tuple[dict[str, Any], Any]:
    """What the ``config.json`` of a run says, and its configuration.

    Raises:
        UserError: it is no run of this program, or a flag is given that differs from the run's.
    """
    try:
        kept = read_json(folder / "config.json")
        of, flags = kept["program"], dict(kept["config"])
        _ = kept["data"]["sha256"], kept["data"]["origin"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UserError(f"--resume {folder}: holds no config.json of a run ({error}); name a run folder") from error
    if of != name:
        raise UserError(f"--resume {folder}: is a run of {of}, not of {name}")
    generation = kept.get("keras", versions.keras_generation())
    if generation != versions.keras_generation():
        way_out = "set TFPORT_KERAS=3" if generation == 3 else "unset TFPORT_KERAS"
        raise UserError(f"--resume {folder}: is a run of Keras {generation}; {way_out}")
    if flags.get("data") == "auto":  # what that found then, whatever it would find now
        flags["data"] = kept["data"].get("source")
    data_dir = getattr(config, "data_dir", None)
    flags |= {"resume": config.resume} | ({"data_dir": data_dir} if data_dir else {})
    try:
        its = type(config)(**flags)
    except TypeError as error:
        raise UserError(f"--resume {folder}: is a run of another version of {name} ({error})") from error
    default = type(config)()
    for field in dataclasses.fields(config):
        given = getattr(config, field.name)
        if given not in (getattr(default, field.name), getattr(its, field.name)) and field.name != "log_dir":
            raise UserError(f"--{field.name.replace('_', '-')}: a resumed run keeps its own flags; leave it out")
    return kept, its


def _only_files(folder: Path) -> None:
    """Refuse a run folder with links and pipes in it: a resumed run cuts, writes and removes files in its folder.

    Runs make none. Through a link in a stranger's, it would be a file elsewhere.

    Raises:
        UserError: there is one.
    """
    for where, folders, names in os.walk(folder):
        for path in (Path(where, each) for each in (*folders, *names)):
            if path.is_symlink() or (path.exists() and not (path.is_file() or path.is_dir())):
                raise UserError(
                    f"--resume {folder}: {path} is a link or no regular file, which no run makes; remove it"
                )


@contextlib.contextmanager
def _reserved(folder: Path) -> Iterator[None]:
    """No other process trains in that folder meanwhile; a process that ends, in whatever way, frees it.

    Raises:
        UserError: another one does.
    """
    if fcntl is None:
        yield
        return
    with (folder / "config.json").open("rb+") as file:  # NFS locks nothing that is open for reading alone
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"--resume {folder}: is in training, by another process; wait for it or end it") from None
        except OSError:  # a file system without locks
            pass
        yield


def report_line(report: Report) -> str:
    """A report as JSON, in one line."""
    return as_json(dataclasses.asdict(report))


def write_json(path: Path, content: Any, indent: int | None = 2) -> None:
    """Write a JSON file whole or not at all."""
    write_text(path, as_json(content, indent=indent) + "\n")


def as_json(content: Any, **options: Any) -> str:
    """JSON that every parser takes: numbers that are not finite become words."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        return str(value) if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(plain(content), allow_nan=False, **options)


def save_weights(model: Any, path: Path) -> None:
    """Save weights whole or not at all; ``path`` ends with ``.weights.h5``."""
    with whole(path) as temporary:
        model.save_weights(str(temporary))


def _check_room(folder: Path, model: Any) -> None:
    """Find out before training, not after it, that a checkpoint and the final weights do not fit.

    Raises:
        UserError: the disk has less room than they take.
    """
    values = sum(math.prod(variable.shape) for variable in [*model.weights, *model.optimizer.variables])
    # Two checkpoints, the next one while it is written, the final weights: float32, the optimizer's with them.
    needed = 4 * 4 * values
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UserError(
            f"--log-dir {folder.parent}: {free / 1e6:.1f} MB are free on its disk, and the run writes more than "
            f"{needed / 1e6:.1f} MB; make room, or name another folder"
        )


def _readable_by_tensorflow(flag: str, folder: Path) -> None:
    """Refuse names that TensorFlow, looking for a checkpoint, takes for patterns: it would write what it cannot read.

    Raises:
        UserError: the path has such a character.
    """
    special = "*?[" if os.name == "nt" else "*?[\\"
    found = next((each for each in str(folder) if each in special), None)
    if found:
        raise UserError(
            f"{flag} {folder}: TensorFlow finds no checkpoint below a name with {found}; take another folder"
        )


def _new_folder(parent: Path, name: str) -> Path:
    _readable_by_tensorflow("--log-dir", parent)
    usable("--log-dir", str(parent))
    if (parent / "config.json").exists() and (parent / "figures").is_dir():
        raise UserError(f"--log-dir {parent}: is the folder of another run; name the one that it lies in, or a new one")
    stamp = time.strftime("%Y%m%d-%H%M%S")
    try:
        for attempt in range(1, 1000):
            folder = parent / (f"{name}-{stamp}" + (f"-{attempt}" if attempt > 1 else ""))
            try:
                folder.mkdir()  # fails where it exists, so two runs of one second never share a folder
            except FileExistsError:
                continue
            (folder / "figures").mkdir()
            return folder
    except OSError as error:
        raise UserError(f"--log-dir {parent}: cannot be written ({error.strerror}); name another folder") from error
    raise UserError(f"--log-dir {parent}: holds a thousand runs of this second; name another folder")
