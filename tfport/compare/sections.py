"""Both programs of a pair, cut into sections that answer each other. Reads sources; imports none of them.

A line ``# --- model ---`` in a program begins the section of that name. A section of one program answers that of the
same name in the other; where one needs no code of its own, it is a comment that says why. The function of
``tfport.models`` that builds the model belongs to the Keras program's section ``model``.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from tfport.errors import UserError
from tfport.registry import Tutorial

HEAD = "flags"  # what stands before the first marker: docstring, imports, configuration
MARKER = re.compile(r"# --- (.+) ---")
# What a section calls of the project → what that holds belongs to the section: read alone, the call hides the point.
BEHIND = {
    "read_data_sets(": "legacy_tf1.input_data:read_data_sets",
    "reads the digits with tfport.data.load": "tfport.data.digits:load",  # a comment, where that is all
    "next_batch(": "legacy_tf1.input_data:DataSet.next_batch",
    "program.train_on_all(": "legacy_tf1.program:train_on_all",
    "program.test_parts(": "legacy_tf1.program:test_parts",
    "program.save(": "legacy_tf1.program:save",
    "model = logistic.model": "legacy_tf1.logistic:model",
    "logistic.build(": "legacy_tf1.logistic:build",
    "this_run.fit(": "tfport.training.loop:batches",
    "calls training.evaluate": "tfport.training.loop:evaluate",  # likewise
    "ScaledBiasDense(": "tfport.layers:ScaledBiasDense",
}


@dataclass(frozen=True)
class Piece:
    """Lines of a source file.

    Attributes:
        path: of the file, from the folder that its package is in.
        line: number of the first line.
        source: the lines, without empty ones at both ends.
    """

    path: str
    line: int
    source: str


@dataclass(frozen=True)
class Section:
    """What two programs do about one thing.

    Attributes:
        name: as in the markers.
        old: pieces of the TF1 program.
        new: pieces of the Keras program.
    """

    name: str
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]


def sections(tutorial: Tutorial) -> list[Section]:
    """The sections of a pair, in the order of the TF1 program; what the Keras program alone has comes last.

    Raises:
        UserError: a program's source cannot be found or read.
    """
    old, new = cut(tutorial.legacy), cut(tutorial.twin)
    if "model" in new:
        new["model"] = (*new["model"], *functions(tutorial.builder, called=True))
    names = [*old, *(name for name in new if name not in old)]
    return [Section(name, _and_behind(old.get(name, ())), _and_behind(new.get(name, ()))) for name in names]


def _and_behind(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    text = "\n".join(piece.source for piece in pieces)
    named = dict.fromkeys(target for name, target in BEHIND.items() if re.search(rf"\b{re.escape(name)}", text))
    return pieces + tuple(piece for target in named for piece in functions(target))


def cut(module: str) -> dict[str, tuple[Piece, ...]]:
    """The sections of a program by name. A program without markers is one section, its head."""
    path, lines = _read(module)
    found: dict[str, tuple[Piece, ...]] = {}
    name, first = HEAD, 0
    for number, line in enumerate([*lines, None]):
        marker = MARKER.fullmatch(line) if line is not None else None
        if line is None or marker:
            piece = _piece(path, lines, first, number)
            if piece is not None or name != HEAD:
                found[name] = found.get(name, ()) + ((piece,) if piece is not None else ())
            name, first = marker[1] if marker else name, number + 1
    return found


def functions(target: str, *, called: bool = False) -> tuple[Piece, ...]:
    """The function or class ``module:name``, or the method ``module:Class.name``.

    Args:
        target: which.
        called: whether functions of its module that it calls, and that those call, are wanted too.

    Raises:
        UserError: there is none.
    """
    module, name = target.split(":")
    path, lines = _read(module)
    tree = ast.parse("\n".join(lines))
    defined = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            defined |= {f"{node.name}.{method.name}": method for method in methods}
    if name not in defined:
        raise UserError(f"{path}: has no function {name}, which a pair names as {target}")
    wanted, ahead = {name}, [name]
    while called and ahead:
        calls = (node.func for node in ast.walk(defined[ahead.pop()]) if isinstance(node, ast.Call))
        fresh = {call.id for call in calls if isinstance(call, ast.Name)} & set(defined) - wanted
        wanted |= fresh
        ahead += fresh
    found = sorted((defined[each] for each in wanted), key=lambda node: node.lineno)
    return tuple(Piece(path, *_source(lines, node)) for node in found)


def _source(lines: list[str], node: ast.FunctionDef | ast.ClassDef) -> tuple[int, str]:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return first, textwrap.dedent("\n".join(lines[first - 1 : node.end_lineno]))


def _piece(path: str, lines: list[str], first: int, last: int) -> Piece | None:
    while first < last and not lines[first].strip():
        first += 1
    while first < last and not lines[last - 1].strip():
        last -= 1
    if first == last:
        return None
    source = "\n".join(lines[first:last])
    try:
        ast.parse(source)
    except SyntaxError as error:
        line = first + (error.lineno or 1)
        raise UserError(f"{path}:{line}: no Python of today, or a section's marker inside a statement") from error
    return Piece(path, first + 1, source)


@functools.cache
def _read(module: str) -> tuple[str, list[str]]:
    """A module's path, from the folder that its package is in, and its lines; only its packages are imported."""
    try:
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            raise UserError(f"{module}: no such module; install the package that it is in")
        path = Path(spec.origin)
        shown = "/".join(path.parts[-1 - module.count(".") :])
        return shown, path.read_text(encoding="utf-8").split("\n")
    except UserError:
        raise
    except Exception as error:  # the packages around it are imported: somebody else's code
        raise UserError(f"{module}: its source cannot be read ({error})") from error
