"""Code as HTML: highlighted, every line numbered, constructs of the ledger as links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from markupsafe import Markup
from pygments.lexers import PythonLexer
from pygments.token import STANDARD_TYPES

from tfport.compare.constructs import uses
from tfport.compare.ledger import Entry


def slug(entry: Entry) -> str:
    """The name of an entry in an address."""
    return re.sub(r"[^a-z0-9]+", "-", entry.spellings[0].lower()).strip("-")


def highlight(source: str, *, marked: bool) -> Markup:
    """Lines of code, each a ``span`` that is a block of its own; numbers are not part of its text.

    Args:
        source: Python, whole statements.
        marked: whether constructs of the ledger become links to its entries.
    """
    starts = [0]
    for line in source.split("\n"):  # a form feed ends no line of Python
        starts.append(starts[-1] + len(line) + 1)
    opens: dict[int, str] = {}
    ends = set[int]()
    last = 0
    for use in uses(source) if marked else ():
        start, end = (starts[use.line - 1] + column for column in (use.start, use.end))
        if use.entry is not None and start >= last:  # one link in another is none
            opens[start] = f'<a class="use" href="#{slug(use.entry)}" data-entry="{slug(use.entry)}">'
            ends.add(end)
            last = end
    html = []
    for start, style, text in _tokens(source):
        html.append(_part(start, style, text, opens, ends))
    if len(source) in ends:
        html.append("</a>")
    lines = "".join(html).split("\n")
    return Markup("".join(f'<span class="line">{line}</span>' for line in lines))  # noqa: S704 escaped above


def _tokens(source: str) -> Iterable[tuple[int, Any, str]]:
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    return lexer.get_tokens_unprocessed(source)


def _part(start: int, style: Any, text: str, opens: dict[int, str], ends: set[int]) -> str:
    """A token, cut where links begin or end and where lines do: a span reaches over neither."""
    while style not in STANDARD_TYPES:
        style = style.parent
    name = STANDARD_TYPES[style]
    wrap: Callable[[str], str] = (lambda part: f'<span class="{name}">{part}</span>') if name else str
    html, held = [], ""

    def put() -> None:
        nonlocal held
        if held:
            html.append(wrap(escape(held)) if held.strip() else escape(held))
        held = ""

    for offset, character in enumerate(text, start):
        if offset in ends or offset in opens or character == "\n":
            put()
        if offset in ends:
            html.append("</a>")
        html.append(opens.get(offset, ""))
        if character == "\n":
            html.append("\n")
        else:
            held += character
    put()
    return "".join(html)
