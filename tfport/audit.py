"""``tfport audit``: what TensorFlow 1 a script, a notebook or a folder uses, and what becomes of it in Keras.

Reads the sources; imports and runs none of them, nor TensorFlow. What it says is the ledger's, which the side-by-side
pages use too; of names that the ledger does not tell of it says whether TensorFlow 2 still has them.
"""

from __future__ import annotations

import ast
import collections
import functools
import importlib.util
import json
import re
import sys
import tokenize
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tfport import registry
from tfport.compare import words
from tfport.compare.constructs import Use, names, shown_by
from tfport.compare.ledger import Entry
from tfport.compare.words import Language
from tfport.errors import UserError
from tfport.flags import Flags, flag

# Parts of TensorFlow 2 that are Keras's, which the files of its public names do not list.
KERAS_PARTS = {"optimizers", "losses", "metrics", "initializers", "regularizers", "activations", "callbacks"}
IGNORED = {"__pycache__", "node_modules", "site-packages", "build", "dist"}  # folders, and all that begin with a dot


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags of the command."""

    format: Literal["text", "json"] = flag("text", "of the answer")
    language: Language = flag("en", "of what is said: English or Korean")
    all: bool = flag(False, "also list names that TensorFlow 2 has unchanged, as far as their names tell")


@dataclass(frozen=True)
class Finding:
    """A use of TensorFlow 1.

    Attributes:
        file: path of the source.
        cell: number of a notebook's code cell, from 1; 0 in a script.
        line: from 1, of the file or of the cell.
        column: from 1.
        construct: as the ledger spells it.
        status: "ledger"; "v1 only" where TensorFlow 2 has it under ``tf.compat.v1`` alone; "gone"; "kept" where
            TensorFlow 2 has the name too.
        heir: what a Keras program has in its place.
        difference: what behaves differently.
        pairs: tutorials that show both side by side.
    """

    file: str
    cell: int
    line: int
    column: int
    construct: str
    status: str
    heir: str
    difference: str
    pairs: list[str]


def main(paths: Sequence[str], argv: Sequence[str]) -> int:
    """Audit sources; returns 1 where something of TensorFlow 1 was found, else 0."""
    config = Config.parse(
        argv,
        prog="tfport audit PATH...",
        description="TensorFlow 1 in scripts, notebooks and folders, and its heirs; exit code 1 where there is some.",
    )
    if not paths:
        raise UserError("tfport audit takes scripts, notebooks or folders first, like: tfport audit train.py")
    files = list({file.resolve(): file for path in paths for file in sources(path)}.values())
    found: list[Finding] = []
    unread: dict[str, str] = {}
    for file in files:
        try:
            found += audit(file, config.language)
        except UserError as error:
            if len(files) == 1:
                raise
            unread[str(file)] = str(error)
    if len(unread) == len(files):
        raise UserError(f"none of the {len(files)} sources can be read: {next(iter(unread.values()))}")
    if not config.all:
        found = [finding for finding in found if finding.status != "kept"]
    if config.format == "json":
        print(
            json.dumps({"findings": [asdict(each) for each in found], "unread": unread}, ensure_ascii=False, indent=1)
        )
    else:
        _print(found, len(files) - len(unread), config.language)
    for sentence in unread.values():
        print(f"warning: {sentence}", file=sys.stderr)
    return 1 if any(finding.status != "kept" for finding in found) else 0


def sources(path: str) -> list[Path]:
    """The scripts and notebooks that a path stands for.

    Raises:
        UserError: there is nothing, or nothing that can be read as a source.
    """
    start = Path(path)
    if start.is_file():
        if start.suffix not in (".py", ".ipynb"):
            raise UserError(f"{path}: neither a script (.py) nor a notebook (.ipynb)")
        return [start]
    if not start.is_dir():
        raise UserError(f"{path}: no such file or folder")
    found = [
        file
        for file in sorted(start.rglob("*"))
        if file.suffix in (".py", ".ipynb")
        and file.is_file()
        and not any(part in IGNORED or part.startswith(".") for part in file.relative_to(start).parts)
    ]
    if not found:
        raise UserError(f"{path}: holds no scripts (.py) and no notebooks (.ipynb)")
    return found


def audit(path: Path, language: Language = "en") -> list[Finding]:
    """What of TensorFlow a source uses, in its order; each place once.

    Args:
        path: of a script or a notebook.
        language: of the differences.

    Raises:
        UserError: it cannot be read, or is no Python.
    """
    source, cells = _read(path)
    found = []
    for use in names(source):
        number, first = max((each for each in cells if each[1] <= use.line), key=lambda each: each[1])
        found.append(_finding(path, number, use._replace(line=use.line - first + 1), language))
    return found


def _read(path: Path) -> tuple[str, list[tuple[int, int]]]:
    """The Python in a file, and where each cell of it begins: its number (0 in a script) and line."""
    try:
        if path.suffix == ".py":
            with tokenize.open(path) as file:
                source = file.read()
            return _python(source, path), [(0, 1)]
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        if "cells" not in content:
            raise UserError(f"{path}: is a notebook of an old format; open it in Jupyter and save it anew")
        code = ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]
    except UserError:
        raise
    except (OSError, RecursionError, ValueError, KeyError, TypeError, SyntaxError) as error:
        raise UserError(f"{path}: cannot be read ({error})") from error
    starts, lines = list[tuple[int, int]](), list[str]()
    for number, cell in enumerate(code, 1):
        starts.append((number, len(lines) + 1))
        lines += _plain(cell) or [""]
    return _python("\n".join(lines) + "\n", path), starts or [(0, 1)]


def _plain(cell: str) -> list[str]:
    """The lines of a notebook's cell in Python alone: what is IPython's own, or no Python, stands empty."""
    lines = cell.split("\n")
    first = next((line for line in lines if line.strip()), "").strip()
    if first.startswith("%%") and not first.startswith(("%%time", "%%capture", "%%prun")):
        return [""] * len(lines)  # a cell in another language
    try:
        ast.parse(cell)
        return lines
    except (SyntaxError, ValueError):
        shown, goes_on = [], False
        for line in lines:
            magic = re.match(r"(\s*)(?:%%?(?:time|timeit)\s+(?!-)(.+)|(?:\w+\s*=\s*)?[%!?].*|[\w.]+\?+\s*$)", line)
            # The statement behind %time is one; all else of IPython's stands for one that does nothing.
            shown.append(f"{magic[1]}{magic[2] or 'pass'}" if magic else "" if goes_on else line)
            goes_on = (goes_on or magic is not None) and line.endswith("\\")
        try:
            ast.parse("\n".join(shown))
        except (SyntaxError, ValueError):
            from legacy_tf1.compat.python2 import translated

            try:
                ast.parse(translated("\n".join(shown), "cell"))
            except (SyntaxError, ValueError):
                return [""] * len(lines)  # one broken cell hides nothing in the others
        return shown


def _python(source: str, path: Path) -> str:
    """A source that can be parsed: of Python 2 its translation, whose lines are the same but for rare forms."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError) as error:
        from legacy_tf1.compat.python2 import translated

        source = translated(source, str(path))
        try:
            ast.parse(source)
        except (SyntaxError, ValueError):
            line = getattr(error, "lineno", None)
            place = f":{line}" if line else ""
            raise UserError(f"{path}{place}: cannot be parsed ({getattr(error, 'msg', error)})") from error
    return source


def _finding(path: Path, cell: int, use: Use, language: Language) -> Finding:
    if use.entry is not None:
        status, heir = "ledger", use.entry.heir or words.PAGE["nothing"].in_(language)
        difference = use.entry.ko if language == "ko" else use.entry.en
        pairs = _shown_by()[use.entry]
    else:
        status, heir = _status(use.name)
        difference, pairs = "", []
    return Finding(str(path), cell, use.line, use.start + 1, use.name, status, heir, difference, pairs)


@functools.cache
def _shown_by() -> dict[Entry, list[str]]:
    return shown_by(registry.tutorials().values())


def _status(name: str) -> tuple[str, str]:
    """Of a name that the ledger does not tell of: what became of it, and its heir."""
    from legacy_tf1.compat.registry import heir_of

    path = name.removeprefix("tf.")
    top = path.split(".")[0]
    if top in ("contrib", "examples", "models"):
        return "gone", heir_of(path) or "–"
    if top in ("python", "keras", "compat", "tf"):
        return "kept", name
    parts = path.split(".")
    for number in range(len(parts), 0, -1):
        known = ".".join(parts[:number])
        # An attribute goes with its class; a name in a module is one of its own.
        if number < len(parts) and not parts[number - 1][:1].isupper():
            break
        if known in _api(""):
            return "kept", name
        if known in _api("compat/v1"):
            return "v1 only", f"tf.compat.v1.{path}"
    if top in KERAS_PARTS:
        return "kept", name
    return "gone", heir_of(path) or "–"


@functools.cache
def _api(part: str) -> frozenset[str]:
    """Public names of the installed TensorFlow, read from the files that list them: ``nn.relu`` ..."""
    found = importlib.util.find_spec("tensorflow")
    if found is None or not found.submodule_search_locations:
        return frozenset()
    root = Path(found.submodule_search_locations[0], "_api", "v2", part)
    listed = set()
    for path in root.rglob("__init__.py") if part else [*root.glob("v2.py"), *root.rglob("__init__.py")]:
        below = [] if path.name == "v2.py" else list(path.parent.relative_to(root).parts)
        if not part and below[:1] == ["compat"]:
            continue
        # "from tensorflow.python.ops.nn_ops import relu # line: 3", with "as" where the name is another
        for line in path.read_text(encoding="utf-8").splitlines():
            imported = re.match(r"from \S+ import (\w+)(?: as (\w+))?", line)
            if imported:
                listed.add(".".join([*below, imported[2] or imported[1]]))
    return frozenset(listed)


def _print(found: list[Finding], files: int, language: Language) -> None:
    told: set[str] = set()
    for each in found:
        place = f"{each.file}:{f'cell {each.cell}:' if each.cell else ''}{each.line}:{each.column}"
        print(f"{place}: {each.construct} -> {each.heir}" + (f" ({each.status})" if each.status != "ledger" else ""))
        if each.difference and each.difference not in told:  # once is enough for a reader
            told.add(each.difference)
            print(f"    {each.difference}")
            if each.pairs:
                print(f"    {words.PAGE['shown by'].in_(language)}: tfport compare {each.pairs[0]}")
    counts = collections.Counter(each.construct for each in found)
    scripts = f"{files} source{'s' if files != 1 else ''}"
    uses = f"{len(found)} use{'s' if len(found) != 1 else ''}"
    kinds = f"{len(counts)} construct{'s' if len(counts) != 1 else ''}"
    print(f"{uses} of {kinds} of TensorFlow 1 in {scripts}." if found else f"Nothing of TensorFlow 1 in {scripts}.")
