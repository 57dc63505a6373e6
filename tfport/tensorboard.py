"""What TF1 programs and their Keras twins wrote for TensorBoard: compared tag by tag, opened side by side."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np

from tfport import startup
from tfport.errors import UserError, printable
from tfport.flags import Flags, flag


class ByDesign(NamedTuple):
    """A difference that is meant: a pattern of tags, the kinds on both sides (None: not there), and why."""

    tag: str
    old: str | None
    new: str | None
    reason: str


BY_DESIGN = (
    ByDesign(
        r"step\d+",
        "run metadata",
        "run metadata summary",
        "TF2 writes run metadata as a summary, with the profiler's times; the Graphs dashboard offers both by this tag",
    ),
    ByDesign(r"keras", None, "layer graph", "the model's layers; a TF1 graph knows operations alone"),
    ByDesign(r"learning_rate", None, "scalar", "an addition of the port"),
    ByDesign(r".+/gradient", None, "histogram", "an addition of the port"),
    ByDesign(r"misclassified|confusion_matrix", None, "image", "an addition of the port"),
)
# Of a summary that a plugin draws, by the plugin's name.
PLUGINS = {"graph_keras_model": "layer graph", "graph_run_metadata": "run metadata summary"}


@dataclass
class Series:
    """Everything under one tag of one run.

    Attributes:
        kind: "scalar", "histogram", "image", "graph", "run metadata", "layer graph", "run metadata summary".
        values: step → (value,) of a scalar, (number, sum, least, greatest) of a histogram, nothing of the others.
    """

    kind: str
    values: dict[int, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A tag on both sides.

    Attributes:
        part: run below the folder: "train", "test".
        tag: its name.
        old: what the TF1 program wrote; None for nothing.
        new: what the Keras program wrote.
        reason: why the two differ, where that is meant.
    """

    part: str
    tag: str
    old: Series | None
    new: Series | None
    reason: str = ""

    @property
    def same(self) -> bool:
        """Whether kind and steps are the same on both sides."""
        both = self.old is not None and self.new is not None
        return both and self.old.kind == self.new.kind and set(self.old.values) == set(self.new.values)  # type: ignore[union-attr]

    @property
    def error(self) -> float:
        """Largest relative difference of the values at steps of both, each over the largest of its kind."""
        if self.old is None or self.new is None:
            return 0.0
        steps = sorted(set(self.old.values) & set(self.new.values))
        old = np.array([self.old.values[step] for step in steps], np.float64)
        new = np.array([self.new.values[step] for step in steps], np.float64)
        if not old.size or old.shape != new.shape:
            return 0.0
        scale = np.maximum(np.max(np.abs(old), axis=0), np.finfo(np.float32).tiny)
        return float(np.max(np.abs(old - new) / scale))


@dataclass(frozen=True)
class Comparison:
    """Every tag of two runs."""

    rows: list[Row]

    @property
    def same(self) -> bool:
        """Whether there is no difference but those that are meant."""
        return bool(self.rows) and all(row.same or row.reason for row in self.rows)

    def table(self) -> str:
        """The tags as lines of text; the ten images of a batch as one."""
        lines, seen = [], set()
        for row in self.rows:
            tag = re.sub(r"/image/\d+$", "/image/*", row.tag)
            line = [printable(cell, 200) for cell in (row.part, tag, _title(row.old), _title(row.new))]
            verdict = "equal" if row.same else f"by design: {row.reason}" if row.reason else "DIFFERENT"
            if row.same and row.old is not None and row.old.kind in ("scalar", "histogram"):
                verdict += f", values within {row.error:.1g}"
            if (row.part, tag, verdict) not in seen:
                lines.append([*line, verdict])
            seen.add((row.part, tag, verdict))
        head = ["", "tag", "TF1", "Keras", ""]
        widths = [max(len(line[column]) for line in [head, *lines]) for column in range(4)]
        texts = [
            "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[4]]).rstrip()
            for line in [head, *lines]
        ]
        equal = sum(row.same for row in self.rows)
        meant = sum(bool(row.reason) and not row.same for row in self.rows)
        others = len(self.rows) - equal - meant
        texts.append(f"{len(self.rows)} tags: {equal} equal, {meant} differ by design, {others} differ otherwise")
        return "\n".join(texts)


def compare(old: str | os.PathLike[str], new: str | os.PathLike[str]) -> Comparison:
    """Compare what two runs wrote.

    Args:
        old: folder of the TF1 program's summaries, with runs like ``train/`` and ``test/`` in it.
        new: folder of the Keras program's.

    Raises:
        UserError: a folder holds no event files.
    """
    sides = read(old), read(new)
    rows = []
    for part, tag in sorted({key for side in sides for key in side}):
        first, second = (side.get((part, tag)) for side in sides)
        row = Row(part, tag, first, second)
        kinds = first.kind if first else None, second.kind if second else None
        steps = first is None or second is None or set(first.values) == set(second.values)
        meant = [each for each in BY_DESIGN if re.fullmatch(each.tag, tag) and (each.old, each.new) == kinds and steps]
        rows.append(Row(part, tag, first, second, meant[0].reason) if meant and not row.same else row)
    return Comparison(rows)


def read(folder: str | os.PathLike[str]) -> dict[tuple[str, str], Series]:
    """Everything below a folder, read as TensorBoard reads it: (run, tag) → series.

    Raises:
        UserError: there are no event files.
    """
    from tensorboard.backend.event_processing.event_accumulator import DEFAULT_SIZE_GUIDANCE, EventAccumulator

    files = _event_files(folder)
    root = tensorboard_folder(Path(folder))
    found: dict[tuple[str, str], Series] = {}
    for run in sorted({path.parent for path in files}):
        events = EventAccumulator(str(run), size_guidance=dict.fromkeys(DEFAULT_SIZE_GUIDANCE, 0))  # all of them
        events.Reload()
        part, tags = run.relative_to(root).as_posix(), events.Tags()
        for tag in tags["scalars"]:
            found[part, tag] = Series("scalar", {each.step: (each.value,) for each in events.Scalars(tag)})
        for tag in tags["histograms"]:
            values = {each.step: each.histogram_value for each in events.Histograms(tag)}
            found[part, tag] = Series("histogram")
            for step, value in values.items():
                found[part, tag].values[step] = value.num, value.sum, value.min, value.max
        for tag in tags["images"]:
            found[part, tag] = Series("image", {each.step: () for each in events.Images(tag)})
        for tag in tags["tensors"]:
            plugin = events.SummaryMetadata(tag).plugin_data.plugin_name
            found[part, tag] = Series(PLUGINS.get(plugin, plugin), {each.step: () for each in events.Tensors(tag)})
        for tag in tags["run_metadata"]:
            step = re.sub(r"\D", "", tag)[:18]  # of more digits Python makes no number
            found[part, tag] = Series("run metadata", {int(step): ()} if step else {})
        if tags["graph"]:
            found[part, "graph of operations"] = Series("graph")
    if not found:
        raise UserError(f"{folder}: its event files hold nothing; name the folder of a run that has trained")
    return found


def _event_files(folder: str | os.PathLike[str]) -> list[Path]:
    """The event files below a folder.

    Raises:
        UserError: there are none, or one is a pipe or a folder.
    """
    if os.fspath(folder) and (root := tensorboard_folder(Path(folder))).is_dir():
        found = list(root.rglob("events.out.tfevents.*"))
        strange = [path for path in found if not path.is_file()]
        if strange:  # TensorBoard would wait for what a pipe says
            raise UserError(f"{strange[0]}: is no regular file; move it away")
        if found:
            return found
    raise UserError(
        f"{os.fspath(folder) or repr('')}: holds no event files; name a run folder, or what --log-dir named"
    )


def tensorboard_folder(folder: Path) -> Path:
    """The folder of the event files: of a run folder its ``tb/``."""
    return folder / "tb" if (folder / "tb").is_dir() else folder


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags of ``tfport tensorboard``."""

    RETIRED: ClassVar = {
        name: f"--{name}: TensorBoard has no password and is opened on this machine alone; from another one forward "
        "its port, like: ssh -L 6006:localhost:6006 MACHINE"
        for name in ("host", "bind_all")
    }

    port: int = flag(6006, "of TensorBoard, on this machine alone", low=1, high=65_535)


def tags(arguments: Sequence[str]) -> int:
    """``tfport tags OLD NEW``: print the table of tags; returns the exit code, 0 or 1."""
    if len(arguments) != 2 or any(word.startswith("-") for word in arguments):
        raise UserError("tfport tags takes two folders, the TF1 program's summaries and the Keras program's")
    for folder in arguments:
        _event_files(folder)  # whether there are any is known before TensorFlow is loaded
    startup.prepare(keras=False)
    comparison = compare(*arguments)
    print(comparison.table())
    return 0 if comparison.same else 1


def serve(runs: Sequence[str], argv: Sequence[str]) -> int:
    """``tfport tensorboard RUN...``: open runs side by side until Ctrl-C; returns the exit code."""
    config = Config.parse(argv, prog="tfport tensorboard RUN...", description="Open runs side by side in TensorBoard.")
    words = [*server_words(runs), "--host", "127.0.0.1", "--port", str(check_free(config.port))]
    startup.prepare(keras=False)
    from tensorboard import default, program

    server = program.TensorBoard(default.get_plugins())
    server.configure(argv=["tensorboard", *words])
    return int(server.main())


def server_words(runs: Sequence[str]) -> list[str]:
    """What TensorBoard is told of some runs: names and folders, or one folder alone.

    Raises:
        UserError: a run is not there, has no event files, or a name that TensorBoard cannot take.
    """
    folders = [tensorboard_folder(Path(run)) for run in runs]
    for run in runs:
        _event_files(run)
    # Of several runs of one name the parents' names are shown too.
    names = [Path(run).resolve().name for run in runs]
    if len(set(names)) < len(names):
        names = ["/".join(Path(run).resolve().parts[-2:]) for run in runs]
    if len(folders) == 1:
        return ["--logdir", str(folders[0])]
    for path in map(str, folders):
        if "," in path or ":" in path:
            raise UserError(f"{path}: TensorBoard takes no comma and no colon in one of several folders; rename it")
    return ["--logdir_spec", ",".join(f"{name}:{folder}" for name, folder in zip(names, folders, strict=True))]


def check_free(port: int) -> int:
    """The port, where nothing listens on it.

    Raises:
        UserError: something does; the message names the way out.
    """
    with socket.socket() as probe:
        if sys.platform != "win32":  # there it would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UserError(
                f"--port {port} is taken ({error.strerror}): if that is a TensorBoard of yours, open "
                f"http://localhost:{port}/, else choose another, like --port {port + 1 if port < 65_535 else port - 1}"
            ) from error
    return port


def _title(series: Series | None) -> str:
    if series is None:
        return "-"
    return f"{series.kind}, {len(series.values)} steps" if series.values else series.kind
