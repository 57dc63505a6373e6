"""Where a source uses what the ledger tells of. Reads the syntax tree; runs nothing."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tfport.compare.ledger import LEDGER, Entry
from tfport.compare.sections import sections
from tfport.registry import Tutorial


class Use(NamedTuple):
    """A construct in a source.

    Attributes:
        entry: what the ledger says of it.
        line: from 1.
        start: column of its first character, from 0.
        end: column after its last one.
    """

    entry: Entry
    line: int
    start: int
    end: int


def uses(source: str) -> list[Use]:
    """Every use of a construct of the ledger, in the order of the source.

    Args:
        source: Python whose TensorFlow is called ``tf``; a part of a module will do if it is whole statements.
    """
    lines = [line.encode() for line in source.splitlines()]  # columns of a syntax tree are bytes
    found = {
        Use(entry, line, *(len(lines[line - 1][:column].decode()) for column in columns))
        for entry, line, *columns in _found(ast.parse(source))
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


def _found(tree: ast.AST) -> Iterator[tuple[Entry, int, int, int]]:
    known = by_spelling()
    inner = set[ast.AST]()  # parts of a name that is known: tf.summary in tf.summary.scalar
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name, end, last = _dotted(node), node.end_col_offset or 0, node.end_lineno or node.lineno
            if node not in inner and name in known:
                # Of a name over several lines the last part.
                start = node.col_offset if node.lineno == last else end - len(node.attr)
                yield known[name], last, start, end
                inner |= set(ast.walk(node))
            elif f".{node.attr}" in known and not name.startswith("tf."):
                yield known[f".{node.attr}"], last, end - len(node.attr), end
        elif isinstance(node, ast.keyword) and f"{node.arg}=" in known:
            yield known[f"{node.arg}="], node.lineno, node.col_offset, node.col_offset + len(str(node.arg))
        elif isinstance(node, ast.Name) and f"{node.id}=" in known:
            yield known[f"{node.id}="], node.lineno, node.col_offset, node.col_offset + len(node.id)


def _dotted(node: ast.expr) -> str:
    """``tf.nn.relu`` of such an attribute; of one on anything else what comes after the last call or index."""
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return node.id if isinstance(node, ast.Name) else ""
