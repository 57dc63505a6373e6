"""``tfport compare``: both programs of a pair, section by section: in the terminal, as a site, as a notebook."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tfport import registry
from tfport.compare.sections import HEAD, Section, sections
from tfport.compare.words import Language
from tfport.errors import UserError
from tfport.flags import Flags, flag


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags of the command."""

    section: str = flag("", "this section alone: model, training, evaluation ...")
    language: Language = flag("en", "of the notes in the terminal and in notebooks: English or Korean")
    plain: bool = flag(False, "no colours and no columns (always so where the output is no terminal)")
    html: str = flag("", "write a site of pages into this folder instead, for all pairs or those named")
    notebooks: str = flag("", "write a notebook for each of them into this folder instead")


def main(names: Sequence[str], argv: Sequence[str]) -> int:
    """Show pairs; returns the exit code."""
    config = Config.parse(
        argv,
        prog="tfport compare NAME...",
        description="TF1 programs and their Keras twins, section by section, and what became of every construct.",
    )
    pairs = [registry.find(name) for name in names]
    if config.html or config.notebooks:
        if config.section or config.plain:
            raise UserError("--section and --plain are for the terminal; leave them out with --html and --notebooks")
        every = pairs or list(registry.tutorials().values())
        if config.html:
            from tfport.compare import page

            print(page.write(every, config.html))
        if config.notebooks:
            from tfport.compare import notebooks

            print(notebooks.write(every, config.notebooks, korean=config.language == "ko"))
        return 0
    if not pairs:
        raise UserError("tfport compare takes the name of a pair first, like: tfport compare cnn")
    chosen = [(pair, choose(pair, config.section)) for pair in pairs]
    from tfport.compare import terminal

    for pair, wanted in chosen:
        terminal.show(pair, wanted, language=config.language, plain=config.plain or not sys.stdout.isatty())
    return 0


def choose(pair: registry.Tutorial, name: str) -> list[Section]:
    """The section of that name, or all but the head where there is none.

    Raises:
        UserError: the pair has no such section.
    """
    found = sections(pair)
    if not name:
        return [section for section in found if section.name != HEAD] or found
    chosen = [section for section in found if section.name == name]
    chosen = chosen or [section for section in found if section.name.startswith(name)]  # loss, eval ...
    if not chosen:
        known = [section.name for section in found]
        near = difflib.get_close_matches(name, known, n=1)
        way_out = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
        raise UserError(f"--section {name}: {pair.name} has none of that name; {way_out}")
    return chosen
