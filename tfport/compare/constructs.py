"""Where a source uses what the ledger tells of. Reads the syntax tree; runs nothing.

Names are followed as far as a reader would: what an import calls TensorFlow or a part of it, and what the script calls
its sessions, its data, its savers. A method of anything else that only has the same name is none of TensorFlow's.
"""

from __future__ import annotations

import ast
import builtins
import collections
import functools
import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from tfport.compare import api
from tfport.compare.ledger import LEDGER, Entry
from tfport.compare.sections import sections
from tfport.registry import Tutorial

OF_CALLS = ("one_hot",)  # as a variable it is anybody's
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
        sure: whether it is TensorFlow 1's for all that its name may be: written out as ``tf.compat.v1``, or an argument
            that only TensorFlow 1 took.
    """

    entry: Entry | None
    name: str
    line: int
    start: int
    end: int
    sure: bool = False


def uses(source: str) -> list[Use]:
    """Every use of a construct of the ledger, in the order of the source.

    Args:
        source: Python; a part of a module will do if it is whole statements. One that imports nothing of TensorFlow is
            taken for a part whose TensorFlow is called ``tf``.
    """
    return [use for use in names(source, whole=False) if use.entry is not None]


def names(source: str, *, whole: bool = True) -> list[Use]:
    """Every use of a construct of the ledger and of any other name of TensorFlow, in the order of the source.

    Args:
        source: Python.
        whole: whether it is a whole module, whose TensorFlow is what it imports: without that it uses none.
    """
    reader = _Reader(ast.parse(source), whole)
    if whole and not reader.has_tensorflow:
        return []
    lines = [line.encode("utf-8", "surrogatepass") for line in re.split("\r\n|\r|\n", source)]  # columns are bytes

    def column(line: int, offset: int) -> int:
        return len(lines[line - 1][:offset].decode("utf-8", "surrogatepass"))

    found = {
        each._replace(start=column(each.line, each.start), end=column(each.line, each.end)) for each in reader.found()
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

    def __init__(self, tree: ast.Module, whole: bool) -> None:
        self._tree, self._known = tree, by_spelling()
        self._called: dict[str, str] = {}  # name in the source → as the ledger spells it, but for tf.compat.v1
        self._foreign: set[str] = set()  # modules that are none of TensorFlow's, and what they make
        self._places: list[tuple[ast.alias, str]] = []  # imports, and what they import
        stars: list[str] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._imported(alias, alias.name, alias.asname or alias.name.split(".")[0])
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                for alias in node.names:
                    if alias.name == "*":
                        stars.append(module)
                        if _canonical(module) is not None:
                            self._places.append((alias, module))
                    else:
                        self._imported(alias, f"{module}.{alias.name}", alias.asname or alias.name)
        self._stored = collections.Counter(
            node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        )
        arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        self._from_stars(stars, self._stored.keys() | arguments)
        self.has_tensorflow = bool(self._places or "tf" in self._called)
        if not whole:
            if "tf" not in self._called and not any(name.startswith("tf") for name in self._called.values()):
                self._called.setdefault("tf", "tf")
            self._called.setdefault("input_data", "input_data")
        self._hidden = self._of_functions()
        for node in ast.walk(tree):
            self._assigned(node)
        self._hidden = self._of_functions()  # of what was assigned too

    def _imported(self, alias: ast.alias, name: str, called: str) -> None:
        canonical = _canonical(name)
        if canonical is None or name == "tf":  # "import tf" is another project's
            self._foreign.add(called)
            return
        self._places.append((alias, name))
        # "import tensorflow.contrib.rnn" binds the first name alone.
        self._called[called] = "tf" if called == name.split(".")[0] == "tensorflow" else canonical

    def _from_stars(self, stars: list[str], bound: Collection[str]) -> None:
        """Names that nothing in the source binds are those that an import of everything brought."""
        if not stars:
            return
        used = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
        for name in used - set(bound) - self._called.keys() - self._foreign - vars(builtins).keys():
            for root in filter(None, map(_canonical, stars)):
                dotted = _plain(f"{root}.{name}")
                only = len(stars) == 1 and dotted.startswith("tf.contrib.")  # of which there is no list any more
                if dotted in self._known or only or api.is_public(dotted.removeprefix("tf.")):
                    self._called[name] = f"{root}.{name}"
            if name == "tf" and name not in self._called:
                self._called[name] = "tf"

    def _assigned(self, node: ast.AST) -> None:
        pairs: list[tuple[ast.expr | None, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            pairs = [(item.optional_vars, item.context_expr) for item in node.items]
        for target, value in pairs:
            if isinstance(target, ast.Name) and isinstance(value, ast.Attribute):
                named = self._name(value)
                # slim = tf.contrib.slim; where the name is given once, it can be nothing else
                if re.match(r"tf\.[a-z_.]+$|tf\.compat\.v1$", named) and self._stored[target.id] == 1:
                    self._called.setdefault(target.id, named)
            if isinstance(target, (ast.Name, ast.Attribute)) and isinstance(value, ast.Call):
                made = _plain(self._name(value.func))
                called = target.id if isinstance(target, ast.Name) else target.attr
                root = _root(value.func)
                if made in MADE_BY:
                    self._called.setdefault(called, MADE_BY[made])
                elif isinstance(target, ast.Name) and made.startswith("tf."):
                    self._called.setdefault(called, "tensor")
                elif isinstance(root, ast.Name) and root.id in self._foreign and self._stored[called] == 1:
                    self._foreign.add(called)

    def _of_functions(self) -> set[ast.AST]:
        """Names in functions that have an argument called like a part of TensorFlow, which they then mean."""
        parts = {called for called, name in self._called.items() if _plain(name).startswith("tf.")}
        hidden = set[ast.AST]()
        for function in ast.walk(self._tree):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                own = parts & {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
                body = function.body if isinstance(function.body, list) else [function.body]
                for node in (each for statement in body for each in ast.walk(statement)) if own else ():
                    if isinstance(node, ast.Name) and node.id in own:
                        hidden.add(node)
        return hidden

    def _name(self, node: ast.expr) -> str:
        """What a dotted name stands for; of what comes after a call or an index the rest, with a dot before it."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        root = ""
        if isinstance(node, ast.Name):
            if node.id in ("self", "FLAGS") and parts and parts[-1] in self._called:
                root = self._called[parts.pop()]
            elif node.id in self._called and node not in self._hidden:
                root = self._called[node.id]
            else:  # a module called tf that is not TensorFlow, mnist of another package
                root = "?" if node.id == "tf" or node.id in self._foreign else node.id
        return ".".join([root, *reversed(parts)])

    def found(self) -> Iterator[Use]:
        for alias, name in self._places:
            entry, canonical = self._known.get(name), _canonical(name) or "tf"
            if entry is not None:
                shown = name
            elif canonical == "tf.compat.v1":
                shown = canonical
            else:
                shown = _plain(canonical)
            if shown not in ("tf", "input_data"):
                sure = canonical.startswith("tf.compat.v1")
                end = alias.col_offset + len(alias.name)
                yield Use(entry or self._known.get(shown), shown, alias.lineno, alias.col_offset, end, sure)
        inner = set[ast.AST]()  # parts of a name that is known: tf.summary in tf.summary.scalar
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Attribute):
                yield from self._attribute(node, inner)
            elif isinstance(node, ast.Call):
                yield from self._call(node)
            elif isinstance(node, ast.Name):
                name, end = _plain(self._called.get(node.id, "")), node.col_offset + len(node.id)
                if node not in inner | self._hidden and isinstance(node.ctx, ast.Load) and name.startswith("tf."):
                    yield Use(self._known.get(name), name, node.lineno, node.col_offset, end)
                if f"{node.id}=" in self._known and node.id not in OF_CALLS and isinstance(node.ctx, ast.Store):
                    name = f"{node.id}="
                    yield Use(self._known[name], name, node.lineno, node.col_offset, end)

    def _attribute(self, node: ast.Attribute, inner: set[ast.AST]) -> Iterator[Use]:
        if node in inner:
            return
        written, end, last = self._name(node), node.end_col_offset or 0, node.end_lineno or node.lineno
        name, root = _plain(written), _root(node)
        # Of a name over several lines the last part.
        start = node.col_offset if node.lineno == last else end - len(node.attr)
        if (name in self._known and not name.startswith(".")) or name.startswith("tf."):
            longest = name
            while longest not in self._known and "." in longest:
                longest = longest.rpartition(".")[0]
            inner |= set(ast.walk(node))
            shown = longest if longest in self._known else name
            called = self._called.get(root.id, "") if isinstance(root, ast.Name) else ""
            sure = written.startswith("tf.compat.v1") and not called.startswith("tf.compat.v1")
            yield Use(self._known.get(longest), shown, last, start, end, sure)
        elif f".{node.attr}" in self._known and self._is_tensorflows(node, root):
            yield Use(self._known[f".{node.attr}"], f".{node.attr}", last, end - len(node.attr), end)

    def _is_tensorflows(self, node: ast.Attribute, root: ast.expr) -> bool:
        """Whether a method can be TensorFlow's, for all that can be seen."""
        before = node.value
        called = before.id if isinstance(before, ast.Name) else before.attr if isinstance(before, ast.Attribute) else ""
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

    def _call(self, node: ast.Call) -> Iterator[Use]:
        root, of_tensorflow = _root(node.func), _plain(self._name(node.func)).startswith("tf.")
        if isinstance(root, ast.Name) and root.id in self._foreign:
            return
        for keyword in node.keywords:
            name = f"{keyword.arg}="
            if name in self._known or (of_tensorflow and keyword.arg in api.ARGUMENTS):
                sure = of_tensorflow or name == "feed_dict="
                end = keyword.col_offset + len(name) - 1
                yield Use(self._known.get(name), name, keyword.lineno, keyword.col_offset, end, sure)


def _root(node: ast.expr) -> ast.expr:
    """What a chain of attributes, calls and indices begins with."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _plain(name: str) -> str:
    """As the ledger spells it: tf.placeholder for tf.compat.v1.placeholder."""
    return re.sub(r"^tf\.compat\.v[12](?=\.|$)", "tf", name)


def _canonical(name: str) -> str | None:
    """What an imported name stands for, ``tf.compat.v1`` left in; None for what is none of TensorFlow's."""
    if name.startswith(READER):
        return "input_data" + name[len(READER) :]
    if name.split(".")[-1] in ("tf", "input_data"):  # a module of the script's own that hands it on, or a copy
        return name.split(".")[-1]
    if name == "tensorflow" or name.startswith("tensorflow."):
        return "tf" + name[len("tensorflow") :]
    return None
