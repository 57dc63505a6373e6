"""Both programs of a pair in the terminal: two highlighted columns, or one above the other where it is narrow."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from tfport.compare.constructs import entries
from tfport.compare.sections import Piece, Section
from tfport.registry import Tutorial

SIDE_BY_SIDE = 100  # columns from which two of code are readable
STYLE = "ansi_dark"  # the terminal's own sixteen colours, which suit its background


def show(tutorial: Tutorial, sections: Sequence[Section], *, korean: bool = False, plain: bool = False) -> None:
    """Print sections of a pair.

    Args:
        tutorial: the pair.
        sections: which of its sections.
        korean: the language of the notes.
        plain: no colours and no columns, whole lines: for a pipe, a file or a screen reader.
    """
    if plain:
        for line in _plain(tutorial, sections, korean):
            print(line)
        return
    console = Console(file=sys.stdout)
    wide = console.width >= SIDE_BY_SIDE
    console.print(Text(f"{tutorial.name}: {tutorial.title}", style="bold"))
    for section in sections:
        console.print()
        console.print(Rule(Text(section.name, style="bold"), align="left"))
        old, new = (_column(title, pieces) for title, pieces in _sides(section))
        if wide:
            table = Table.grid(padding=(0, 2, 0, 0), expand=True)
            table.add_column(ratio=1)
            table.add_column(ratio=1)
            table.add_row(old, new)
            console.print(table)
        else:
            console.print(old, new, sep="\n")
        notes = _notes(section, korean)
        if notes:
            console.print(Padding(notes, (1, 0, 0, 0)))


def _sides(section: Section) -> list[tuple[str, tuple[Piece, ...]]]:
    return [("TF1", section.old), ("Keras", section.new)]


def _column(title: str, pieces: tuple[Piece, ...]) -> RenderableType:
    parts: list[RenderableType] = []
    for piece in pieces:
        parts.append(Text(f"{title} · {piece.path}:{piece.line}", style="italic"))
        parts.append(
            Syntax(piece.source, "python", theme=STYLE, line_numbers=True, start_line=piece.line, word_wrap=True)
        )
    return Group(*parts) if parts else Text(f"{title} · nothing here", style="italic")


def _notes(section: Section, korean: bool) -> RenderableType | None:
    found = entries(piece.source for piece in section.old)
    if not found:
        return None
    table = Table(box=None, expand=True, padding=(0, 2, 1, 0), show_header=False)
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=8)
    for entry in found:
        table.add_row(
            Text(entry.spellings[0], style="bold"),
            Text(f"→ {entry.heir}" if entry.heir else "→ –", style="bold"),
            Markdown(entry.ko if korean else entry.en),
        )
    return table


def _plain(tutorial: Tutorial, sections: Sequence[Section], korean: bool) -> list[str]:
    lines = [f"{tutorial.name}: {tutorial.title}"]
    for section in sections:
        for title, pieces in _sides(section):
            for piece in pieces:
                lines += ["", f"== {section.name}, {title}: {piece.path}:{piece.line}", *piece.source.splitlines()]
            if not pieces:
                lines += ["", f"== {section.name}, {title}: nothing here"]
        found = entries(piece.source for piece in section.old)
        if found:
            lines += ["", f"== {section.name}, what became of what"]
            for entry in found:
                heir = f" -> {entry.heir}" if entry.heir else ""
                lines.append(f"{entry.spellings[0]}{heir}: {entry.ko if korean else entry.en}")
    return lines
