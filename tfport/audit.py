"""``tfport audit``: what TensorFlow 1 a script, a notebook or a folder uses, and what becomes of it in Keras.

Reads the sources; imports and runs none of them, nor TensorFlow. What it says is the ledger's, which the side-by-side
pages use too. A name that TensorFlow 2 has as well makes no script one of TensorFlow 1: such names are told of, with
what became of them, where something stands beside them that TensorFlow 2 has no more.
"""

from __future__ import annotations

import ast
import collections
import functools
import json
import os
import re
import sys
import tokenize
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from tfport import registry
from tfport.compare import api, words
from tfport.compare.constructs import Use, names, shown_by
from tfport.compare.ledger import Entry
from tfport.compare.words import Language
from tfport.errors import UserError, printable
from tfport.flags import Flags, flag

OF_TF1: tuple[api.Status, ...] = ("gone", "v1 only")
IGNORED = {"__pycache__", "node_modules", "site-packages", "build", "dist"}  # folders, and all that begin with a dot


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags of the command."""

    format: Literal["text", "json"] = flag("text", "of the answer")
    language: Language = flag("en", "of what is said: English or Korean")
    all: bool = flag(False, "also list names that TensorFlow 2 has too, in every source")


@dataclass(frozen=True)
class Finding:
    """A use of TensorFlow.

    Attributes:
        file: path of the source.
        cell: number of a notebook's code cell, from 1; 0 in a script.
        line: from 1, of the file or of the cell.
        column: from 1.
        construct: as the ledger spells it.
        status: of TensorFlow 1 are "gone" and, where TensorFlow 2 has it under ``tf.compat.v1`` alone, "v1 only";
            "changed" where it has another thing of that name; "kept" where it has the same.
        heir: what a Keras program has in its place; "" where nothing is known.
        today: what TensorFlow 2 calls it, where that is another name; "" otherwise.
        difference: what behaves differently; "" for a name that the ledger does not tell of.
        pairs: tutorials that show both side by side.
    """

    file: str
    cell: int
    line: int
    column: int
    construct: str
    status: str
    heir: str
    today: str
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
    unread: dict[str, str] = {}
    files = [file for path in paths for file in sources(path, unread)]
    found: list[Finding] = []
    read = 0
    for file in {os.path.realpath(file): file for file in files}.values():
        try:
            of_file = audit(file, config.language, unread)
        except UserError as error:
            unread[str(file)] = str(error)
            continue
        read += 1
        if config.all or any(finding.status in OF_TF1 for finding in of_file):
            found += [each for each in of_file if config.all or each.status != "kept" or each.difference]
    if not read:
        first = next(iter(unread.values()))
        raise UserError(first if len(unread) == 1 else f"none of the {len(unread)} sources can be read: {first}")
    if config.format == "json":
        answer = {"findings": [asdict(each) for each in found], "unread": unread}
        print(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        _show(_told(found, read, config.language))
    for sentence in unread.values():
        print(f"warning: {printable(sentence)}", file=sys.stderr)
    return 1 if any(finding.status in OF_TF1 for finding in found) else 0


def sources(path: str, unread: dict[str, str]) -> list[Path]:
    """The scripts and notebooks that a path stands for; links to folders are not followed.

    Args:
        path: of a source or a folder.
        unread: gets the folders in it that cannot be read, and a sentence about each.

    Raises:
        UserError: there is nothing, or nothing that can be read as a source.
    """
    start = Path(path)
    if not start.is_dir():
        if start.suffix in (".py", ".ipynb") and os.path.lexists(start):
            return [start]
        if start.exists():
            raise UserError(f"{path}: neither a script (.py) nor a notebook (.ipynb)")
        raise UserError(f"{path}: no such file or folder")
    found: list[Path] = []

    def refused(error: OSError) -> None:
        unread[str(error.filename)] = f"{error.filename}: cannot be read ({error.strerror})"

    for folder, below, inside in os.walk(start, onerror=refused):
        below[:] = sorted(each for each in below if each not in IGNORED and not each.startswith("."))
        found += [
            Path(folder, name)
            for name in sorted(inside)
            if name.endswith((".py", ".ipynb")) and not name.startswith(".")
        ]
    if not found:
        why = f" ({next(iter(unread.values()))})" if unread else ""
        raise UserError(f"{path}: holds no scripts (.py) and no notebooks (.ipynb){why}")
    return found


def audit(path: Path, language: Language = "en", unread: dict[str, str] | None = None) -> list[Finding]:
    """What of TensorFlow a source uses, in its order; each place once.

    Methods and arguments whose names are anybody's count where the source names something of TensorFlow 1 too.

    Args:
        path: of a script or a notebook.
        language: of the differences.
        unread: gets the cells of a notebook that are no Python, and a sentence about each.

    Raises:
        UserError: it cannot be read, or is no Python.
    """
    source, cells = _read(path, {} if unread is None else unread)
    try:
        found = [(use, _status(use)) for use in names(source)]
    except (RecursionError, MemoryError) as error:
        raise UserError(f"{path}: its expressions are nested too deeply to be read") from error
    if not any(status in OF_TF1 and (use.sure or use.name.startswith(NAMED)) for use, status in found):
        found = [(use, status) for use, status in found if status not in OF_TF1]
    findings = []
    for use, status in found:
        number, first = max((each for each in cells if each[1] <= use.line), key=lambda each: each[1])
        findings.append(_finding(path, number, use._replace(line=use.line - first + 1), status, language))
    return findings


# Names that imports lead to; all others are methods, arguments and variables.
NAMED = ("tf.", "input_data.", "tensorflow.")


def _read(path: Path, unread: dict[str, str]) -> tuple[str, list[tuple[int, int]]]:
    """The Python in a file, and where each cell of it begins: its number (0 in a script) and line."""
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise UserError(f"{path}: cannot be read (it is no regular file)")
    try:
        if path.suffix == ".py":
            return _python(_text(path), path), [(0, 1)]
        code = _cells(json.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{path}: is no notebook ({error})") from error
    if code is None:
        raise UserError(f"{path}: is no notebook, or one of an old format: open it in Jupyter and save it anew")
    starts, lines = list[tuple[int, int]](), list[str]()
    for number, cell in enumerate(code, 1):
        starts.append((number, len(lines) + 1))
        text = re.sub("\r\n?", "\n", cell)
        plain = _plain(text)
        if plain is None:  # it hides nothing in the others
            unread[f"{path}:cell {number}"] = f"{path}: cell {number} cannot be parsed; the others are audited"
        lines += plain or [""] * (text.count("\n") + 1)
    return _python("\n".join(lines) + "\n", path), starts or [(0, 1)]


def _text(path: Path) -> str:
    """A script; one whose encoding is none, or is another than it says, as Python 2 took it."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError):
        return path.read_text(encoding="latin-1")


def _cells(content: Any) -> list[str] | None:
    """The sources of a notebook's code cells; None where it has not the form of one."""
    try:
        code = [cell["source"] for cell in content["cells"] if cell["cell_type"] == "code"]
        return ["".join(source) for source in code]
    except (KeyError, TypeError):
        return None


def _plain(cell: str) -> list[str] | None:
    """The lines of a notebook's cell in Python alone: what is IPython's own stands empty; None for no Python."""
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
                return None
        return shown


def _python(source: str, path: Path) -> str:
    """A source that can be parsed: of Python 2 its translation, whose lines are the same but for rare forms."""
    if "\0" in source:
        raise UserError(f"{path}: holds null bytes, it is no Python source, or one in UTF-16; save it as UTF-8")
    try:
        ast.parse(source)
        return source
    except (RecursionError, MemoryError) as error:
        raise UserError(f"{path}: its expressions are nested too deeply to be read") from error
    except (SyntaxError, ValueError) as error:
        from legacy_tf1.compat.python2 import translated

        try:
            source = translated(source, str(path))
            ast.parse(source)
            return source
        except (SyntaxError, ValueError, RecursionError):
            line = getattr(error, "lineno", None)
            place = f":{line}" if line else ""
            raise UserError(f"{path}{place}: cannot be parsed ({getattr(error, 'msg', error)})") from error


def _status(use: Use) -> api.Status:
    if use.name.startswith("tf.") and use.name != "tf.compat.v1":
        became = api.status(use.name.removeprefix("tf."))
        return "v1 only" if use.sure and became not in OF_TF1 else became
    # Of the reader nothing is left; methods and arguments go with what tf.compat.v1 has.
    of_reader = use.entry is not None and (use.entry.topic == "data" or use.name == ".next_batch")
    return "gone" if of_reader else "v1 only"


def _finding(path: Path, cell: int, use: Use, status: api.Status, language: Language) -> Finding:
    difference, pairs = "", list[str]()
    if use.entry is not None:
        heir: str | None = use.entry.heir
        difference = use.entry.ko if language == "ko" else use.entry.en
        pairs = _shown_by()[use.entry]
    elif use.name == "tf.compat.v1":
        heir = "tensorflow"
    elif use.name.endswith("="):
        heir = f"{api.ARGUMENTS[use.name[:-1]]}="
    else:
        heir = api.heir(use.name.removeprefix("tf."))
    named = use.name.startswith("tf.") and use.name != "tf.compat.v1"
    today = api.today(use.name.removeprefix("tf.")) if named else ""
    if heir == "":
        heir = words.PAGE["nothing"].in_(language)
    return Finding(
        file=str(path),
        cell=cell,
        line=use.line,
        column=use.start + 1,
        construct=use.name,
        status=status,
        heir=heir or "",
        today=today if today != use.name else "",
        difference=difference,
        pairs=pairs,
    )


@functools.cache
def _shown_by() -> dict[Entry, list[str]]:
    return shown_by(registry.tutorials().values())


def _told(found: list[Finding], read: int, language: Language) -> list[str]:
    """Lines: every place, then once for each construct what behaves differently, then how many there are."""
    if not found:
        return [words.AUDIT["nothing"].in_(language).format(read=read)]
    lines = []
    for each in found:
        place = f"{printable(each.file)}:{f'cell {each.cell}:' if each.cell else ''}{each.line}:{each.column}"
        status = words.AUDIT[each.status].in_(language)
        if each.today and each.today != each.heir:
            status = f"{status}; TensorFlow 2: {each.today}"
        lines.append(f"{place}: {each.construct} ({status})" + (f" -> {each.heir}" if each.heir else ""))
    notes: dict[str, list[Finding]] = {}
    for each in found:
        if each.difference:
            notes.setdefault(each.difference, []).append(each)
    for difference, uses in notes.items():
        constructs = ", ".join(dict.fromkeys(each.construct for each in uses))
        lines += ["", f"{constructs} -> {uses[0].heir}", f"    {difference}"]
        if uses[0].pairs:
            lines.append(f"    {words.PAGE['shown by'].in_(language)}: tfport compare {uses[0].pairs[0]}")
    statuses = collections.Counter(each.status for each in found)
    numbers = {
        "uses": len(found),
        "kinds": len({each.construct for each in found}),
        "files": len({each.file for each in found}),
        "read": read,
        "old": sum(statuses[status] for status in OF_TF1),
        "changed": statuses["changed"],
        "kept": statuses["kept"],
    }
    return [*lines, "", words.AUDIT["counts"].in_(language).format(**numbers)]


def _show(lines: list[str]) -> None:
    """Print lines: on a terminal broken between words, elsewhere whole."""
    if not sys.stdout.isatty():
        print("\n".join(lines))
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(file=sys.stdout)
    for line in lines:
        text = line.lstrip()
        console.print(Padding(Text(text), (0, 0, 0, len(line) - len(text))))
