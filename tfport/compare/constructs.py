"""Where a source uses what the ledger tells of. Reads the syntax tree; runs nothing.

Names are followed as far as a reader would: what an import calls TensorFlow or a part of it, and what the script calls
its sessions, its data, its savers. A method of anything else that only has the same name is none of TensorFlow's.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tfport.compare.ledger import LEDGER, Entry
from tfport.compare.sections import sections
from tfport.registry import Tutorial

ROOTS = ("tensorflow.compat.v1", "tensorflow")  # what the ledger calls tf
READER = "tensorflow.examples.tutorials.mnist.input_data"
# What a script assigns from these it uses under a name of its own; the ledger's spellings have these.
MADE_BY = {
    "tf.Session": "session",
    "tf.InteractiveSession": "session",
    "input_data.read_data_sets": "mnist",
    "tf.contrib.learn.datasets.load_dataset": "mnist",
    "tf.train.Saver": "saver",
}


class Use(NamedTuple):
    """A construct in a source.

    Attributes:
        entry: what the ledger says of it; None for a name of TensorFlow that the ledger does not tell of.
        name: the construct, as the ledger spells it.
        line: from 1.
        start: column of its first character, from 0.
        end: column after its last one.
    """

    entry: Entry | None
    name: str
    line: int
    start: int
    end: int


def uses(source: str) -> list[Use]:
    """Every use of a construct of the ledger, in the order of the source.

    Args:
        source: Python; a part of a module will do if it is whole statements. One that imports nothing of TensorFlow is
            taken for a part whose TensorFlow is called ``tf``.
    """
    return [use for use in names(source) if use.entry is not None]


def names(source: str) -> list[Use]:
    """The same, and every other name of TensorFlow."""
    lines = [line.encode("utf-8", "surrogatepass") for line in re.split("\r\n|\r|\n", source)]  # columns are bytes
    found = {
        Use(entry, name, line, *(len(lines[line - 1][:column].decode("utf-8", "surrogatepass")) for column in columns))
        for entry, name, line, *columns in _Reader(ast.parse(source)).found()
    }
    return sorted(found, key=lambda use: (use.line, use.start, -use.end))


def entries(sources: Iterable[str]) -> list[Entry]:
    """What the ledger says of the constructs in some sources, in the ledger's order."""
    used = {use.entry for source in sources for use in uses(source)}
    return [entry for entry in LEDGER if entry in used]


def shown_by(pairs: Iterable[Tutorial]) -> dict[Entry, list[str]]:
    """The names of the pairs whose TF1 programs show an entry, for every entry."""
    used = {pair.name: entries(piece.source for part in sections(pair) for piece in part.old) for pair in pairs}
    return {entry: [name for name, found in used.items() if entry in found] for entry in LEDGER}


@functools.cache
def by_spelling() -> dict[str, Entry]:
    """Entries by every spelling."""
    return {spelling: entry for entry in LEDGER for spelling in entry.spellings}


class _Reader:
    """Reads one tree."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree, self._known = tree, by_spelling()
        self._called: dict[str, str] = {}  # name in the source → as the ledger spells it
        self._foreign: set[str] = set()  # modules that are none of TensorFlow's
        self._places: list[tuple[ast.alias, str]] = []  # imports, and what they import
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._imported(alias, alias.name, alias.asname or alias.name.split(".")[0])
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._imported(alias, f"{node.module}.{alias.name}", alias.asname or alias.name)
        if "tf" not in self._called and not any(name.startswith("tf") for name in self._called.values()):
            self._called.setdefault("tf", "tf")
        self._called.setdefault("input_data", "input_data")
        for node in ast.walk(tree):
            self._assigned(node)

    def _imported(self, alias: ast.alias, name: str, called: str) -> None:
        canonical = _canonical(name)
        if canonical is None:
            self._foreign.add(called)
            return
        self._places.append((alias, name))
        # "import tensorflow.contrib.rnn" binds the first name alone.
        self._called[called] = "tf" if called == name.split(".")[0] == "tensorflow" else canonical

    def _assigned(self, node: ast.AST) -> None:
        pairs: list[tuple[ast.expr | None, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            pairs = [(item.optional_vars, item.context_expr) for item in node.items]
        for target, value in pairs:
            if isinstance(target, ast.Name) and isinstance(value, ast.Attribute):
                named = self._name(value)
                if re.match(r"tf\.[a-z_.]+$", named):  # slim = tf.contrib.slim
                    self._called.setdefault(target.id, named)
            if isinstance(target, (ast.Name, ast.Attribute)) and isinstance(value, ast.Call):
                made = self._name(value.func)
                called = target.id if isinstance(target, ast.Name) else target.attr
                if made in MADE_BY:
                    self._called.setdefault(called, MADE_BY[made])
                elif made.startswith("tf.") and isinstance(target, ast.Name):
                    self._called.setdefault(called, "tensor")

    def _name(self, node: ast.expr) -> str:
        """The ledger's spelling of a dotted name; what comes after a call or an index alone, with a dot before it."""
        if isinstance(node, ast.Attribute):
            before = self._name(node.value)
            if isinstance(node.value, ast.Name) and node.value.id in ("self", "FLAGS") and node.attr in self._called:
                return self._called[node.attr]
            return f"{before}.{node.attr}".replace("tf.compat.v1.", "tf.", 1)
        return self._called.get(node.id, node.id) if isinstance(node, ast.Name) else ""

    def found(self) -> Iterator[tuple[Entry | None, str, int, int, int]]:
        for alias, name in self._places:
            entry = self._known.get(name)
            if entry is not None or (canonical := _canonical(name) or "tf") not in ("tf", "input_data"):
                shown = name if entry is not None else canonical
                entry = entry or self._known.get(shown)
                yield entry, shown, alias.lineno, alias.col_offset, alias.col_offset + len(alias.name)
        inner = set[ast.AST]()  # parts of a name that is known: tf.summary in tf.summary.scalar
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Attribute):
                yield from self._attribute(node, inner)
            elif isinstance(node, ast.Call):
                yield from self._call(node)
            elif isinstance(node, ast.Name):
                name = self._called.get(node.id, "")
                if node not in inner and isinstance(node.ctx, ast.Load) and name.startswith("tf."):
                    yield self._known.get(name), name, node.lineno, node.col_offset, node.col_offset + len(node.id)
                if f"{node.id}=" in self._known and isinstance(node.ctx, ast.Store):
                    name = f"{node.id}="
                    yield self._known[name], name, node.lineno, node.col_offset, node.col_offset + len(node.id)

    def _attribute(self, node: ast.Attribute, inner: set[ast.AST]) -> Iterator[tuple[Entry | None, str, int, int, int]]:
        if node in inner:
            return
        name, end, last = self._name(node), node.end_col_offset or 0, node.end_lineno or node.lineno
        # Of a name over several lines the last part.
        start = node.col_offset if node.lineno == last else end - len(node.attr)
        if name in self._known and not name.startswith("."):
            inner |= set(ast.walk(node))
            yield self._known[name], name, last, start, end
        elif name.startswith("tf."):
            longest = name
            while longest not in self._known and "." in longest:
                longest = longest.rpartition(".")[0]
            inner |= set(ast.walk(node))
            yield self._known.get(longest), longest if longest in self._known else name, last, start, end
        elif f".{node.attr}" in self._known and self._is_tensorflows(node):
            yield self._known[f".{node.attr}"], f".{node.attr}", last, end - len(node.attr), end

    def _is_tensorflows(self, node: ast.Attribute) -> bool:
        """Whether a method can be TensorFlow's, for all that can be seen."""
        before = node.value
        called = before.id if isinstance(before, ast.Name) else before.attr if isinstance(before, ast.Attribute) else ""
        root = before
        while isinstance(root, (ast.Attribute, ast.Call, ast.Subscript)):
            root = root.func if isinstance(root, ast.Call) else root.value
        if isinstance(root, ast.Name) and root.id in self._foreign:
            return False
        if node.attr not in ("run", "eval"):
            return True  # names that nobody else has
        if called in self._called or "sess" in called.lower():
            return True
        made = self._name(before.func if isinstance(before, ast.Call) else before)
        return made.startswith("tf.") or node in self._fed

    @functools.cached_property
    def _fed(self) -> set[ast.AST]:
        """What is called with a feed_dict or a session."""
        calls = (node for node in ast.walk(self._tree) if isinstance(node, ast.Call))
        return {call.func for call in calls if any(each.arg in ("feed_dict", "session") for each in call.keywords)}

    def _call(self, node: ast.Call) -> Iterator[tuple[Entry | None, str, int, int, int]]:
        root = node.func
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id in self._foreign:
            return
        for keyword in node.keywords:
            name = f"{keyword.arg}="
            if name in self._known:
                yield self._known[name], name, keyword.lineno, keyword.col_offset, keyword.col_offset + len(name) - 1


def _canonical(name: str) -> str | None:
    """What the ledger calls an imported name; None for what is none of TensorFlow's."""
    if name.startswith(READER):
        return "input_data" + name[len(READER) :]
    if name.split(".")[-1] in ("tf", "input_data"):  # a module of the script's own that hands it on, or a copy
        return name.split(".")[-1]
    for root in ROOTS:
        if name == root or name.startswith(f"{root}."):
            return "tf" + name[len(root) :]
    return None
