"""Both programs of a pair in the terminal: two highlighted columns, or one above the other where it is narrow."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from tfport import registry
from tfport.compare import words
from tfport.compare.constructs import entries, shown_by
from tfport.compare.ledger import Entry
from tfport.compare.sections import Piece, Section
from tfport.compare.words import Language
from tfport.registry import Tutorial

SIDE_BY_SIDE = 100  # columns from which two of code are readable
STYLE = "ansi_dark"  # the terminal's own sixteen colours, which suit its background


def show(tutorial: Tutorial, sections: Sequence[Section], *, language: Language = "en", plain: bool = False) -> None:
    """Print sections of a pair.

    Args:
        tutorial: the pair.
        sections: which of its sections.
        language: of titles and notes.
        plain: no colours and no columns, whole lines: for a pipe, a file or a screen reader.
    """
    if plain:
        for line in _plain(tutorial, sections, language):
            print(line)
        return
    console = Console(file=sys.stdout)
    wide = console.width >= SIDE_BY_SIDE
    console.print(Text(_title(tutorial, language), style="bold"))
    for section in sections:
        console.print()
        console.print(Rule(Text(_name(section, language), style="bold"), align="left"))
        old, new = (_column(title, pieces, language) for title, pieces in _sides(section))
        if wide:
            table = Table.grid(padding=(0, 2, 0, 0), expand=True)
            table.add_column(ratio=1)
            table.add_column(ratio=1)
            table.add_row(old, new)
            console.print(table)
        else:
            console.print(old, new, sep="\n")
        notes = _notes(tutorial, section, language)
        if notes:
            console.print(Padding(notes, (1, 0, 0, 0)))


def _title(tutorial: Tutorial, language: Language) -> str:
    told = words.PAIRS.get(tutorial.name)
    return f"{tutorial.name}: {told.title.in_(language) if told and language != 'en' else tutorial.title}"


def _name(section: Section, language: Language) -> str:
    # English ones as --section takes them
    return section.name if language == "en" else words.section(section.name).in_(language)


@functools.cache
def _shown_by() -> dict[Entry, list[str]]:
    return shown_by(registry.tutorials().values())


def _told(entry: Entry, tutorial: Tutorial, language: Language) -> str:
    """What the ledger says, and which other pairs show it."""
    others = [name for name in _shown_by()[entry] if name != tutorial.name]
    text = entry.ko if language == "ko" else entry.en
    return f"{text} ({words.PAGE['also'].in_(language)}: {', '.join(others)})" if others else text


def _sides(section: Section) -> list[tuple[str, tuple[Piece, ...]]]:
    return [("TF1", section.old), ("Keras", section.new)]


def _column(title: str, pieces: tuple[Piece, ...], language: Language) -> RenderableType:
    parts: list[RenderableType] = []
    for piece in pieces:
        parts.append(Text(f"{title} · {piece.path}:{piece.line}", style="italic"))
        parts.append(
            Syntax(piece.source, "python", theme=STYLE, line_numbers=True, start_line=piece.line, word_wrap=True)
        )
    return Group(*parts) if parts else Text(f"{title} · {words.PAGE['alone'].in_(language)}", style="italic")


def _notes(tutorial: Tutorial, section: Section, language: Language) -> RenderableType | None:
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
            Markdown(_told(entry, tutorial, language)),
        )
    return table


def _plain(tutorial: Tutorial, sections: Sequence[Section], language: Language) -> list[str]:
    lines = [_title(tutorial, language)]
    for section in sections:
        name = _name(section, language)
        for title, pieces in _sides(section):
            for piece in pieces:
                lines += ["", f"== {name}, {title}: {piece.path}:{piece.line}", *piece.source.split("\n")]
            if not pieces:
                lines += ["", f"== {name}, {title}: {words.PAGE['alone'].in_(language)}"]
        found = entries(piece.source for piece in section.old)
        if found:
            lines += ["", f"== {name}, {words.PAGE['became'].in_(language)}"]
            for entry in found:
                heir = f" -> {entry.heir}" if entry.heir else ""
                lines.append(f"{entry.spellings[0]}{heir}: {_told(entry, tutorial, language)}")
    return lines
