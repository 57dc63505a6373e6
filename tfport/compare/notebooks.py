"""A pair as a notebook: every section of TF1 followed by Keras's, both runnable, then the comparison.

Both programs define ``Config``, ``model``, ``build`` ...; so each keeps a module of its own, which the cell magics
``%%tf1`` and ``%%keras`` fill.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import types
from collections.abc import Sequence
from html import escape
from typing import Any

from tfport.compare import words
from tfport.compare.constructs import entries
from tfport.compare.sections import cut, functions, sections
from tfport.errors import UserError
from tfport.files import write_text
from tfport.flags import folder
from tfport.registry import OWN_DATA, Tutorial

MAGICS = ("tf1", "keras")
METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}


def side(name: str) -> types.ModuleType:
    """The module that a magic's cells are run in."""
    full = f"tfport_notebook_{name}"
    if full not in sys.modules:
        sys.modules[full] = types.ModuleType(full)
    return sys.modules[full]


def load_ipython_extension(shell: Any) -> None:
    """Teach a notebook the magics; called by ``%load_ext tfport.compare.notebooks``."""

    def magic(name: str) -> Any:
        def run(line: str, cell: str) -> None:
            module = side(name)
            exec(compile(cell, f"<{name}>", "exec"), module.__dict__)  # noqa: S102 the user's own cell
            shell.user_ns[name] = module

        return run

    for name in MAGICS:
        shell.register_magic_function(magic(name), "cell", name)


def notebook(pair: Tutorial, *, korean: bool = False) -> Any:
    """The notebook of a pair, as nbformat has it; without outputs."""
    from nbformat import v4

    def told(text: words.Words) -> str:
        return text.ko if korean else text.en

    def markdown(text: str) -> None:
        cells.append(v4.new_markdown_cell(text))

    def code(text: str) -> None:
        cells.append(v4.new_code_cell(text))

    about = words.PAIRS.get(pair.name)
    cells: list[Any] = []
    lead = f"# {told(about.title)}\n\n{told(about.lead)}" if about else f"# {escape(pair.title)}"
    markdown(f"{lead}\n\n`{pair.legacy}` · `{pair.twin}`")
    code("%load_ext tfport.compare.notebooks")
    for section in sections(pair):
        found = entries(piece.source for piece in section.old)
        notes = "\n".join(
            f"- `{entry.spellings[0]}` → {f'`{entry.heir}`' if entry.heir else '–'}: {entry.ko if korean else entry.en}"
            for entry in found
        )
        markdown(f"## {told(words.section(section.name))}" + (f"\n\n{notes}" if notes else ""))
        for name, module in zip(MAGICS, (pair.legacy, pair.twin), strict=True):
            for piece in cut(module).get(section.name, ()):
                code(f"%%{name}\n{_runnable(piece.source)}")
        if section.name == "model":
            shown = "\n\n\n".join(piece.source for piece in functions(pair.builder, called=True))
            fence = "`" * (2 + max(map(len, re.findall("`+", shown)), default=1))  # longer than any in the code
            markdown(f"`{pair.builder.replace(':', '.')}`:\n\n{fence}python\n{shown}\n{fence}")
    _comparison(pair, told, markdown, code)
    made = v4.new_notebook(cells=cells, metadata=METADATA)
    for number, cell in enumerate(made.cells):
        cell["id"] = f"{pair.name.replace('_', '-')}-{number}"  # nbformat's own are random
    return made


def _runnable(source: str) -> str:
    """A section without the lines that start the program where a module is run."""
    return source.split('\n\n\nif __name__ == "__main__":')[0]


def _comparison(pair: Tutorial, told: Any, markdown: Any, code: Any) -> None:
    markdown(f"## {told(words.PAGE['came'])}\n\n{told(words.PAGE['notebook budget'])}")
    budget = ["--steps", "40", "--report-every", "10"]
    source = [] if pair.sources == OWN_DATA else ["--data", "fake"]
    code(f"words = {source + budget!r}")
    code("from tfport.compare.notebooks import legacy_words\n\nold = tf1.main(legacy_words(tf1, words))")
    code("new = keras.main(words)")
    markdown(told(words.PAGE["notebook loss"]))
    code(
        "import matplotlib.pyplot as plt\n\n"
        'for reports, name, style in ((old, "TF1", "-"), (new.reports, "Keras", "--")):\n'
        "    # Over its first value: one program may sum where the other evaluates more images.\n"
        "    losses = [report.loss / (reports[0].loss or 1) for report in reports]\n"
        "    plt.plot([report.step for report in reports], losses, style, label=name)\n"
        'plt.xlabel("step")\nplt.ylabel("loss, over that of the first report")\nplt.legend();'
    )


def legacy_words(program: types.ModuleType, given: list[str]) -> list[str]:
    """Those of a Keras program's flags that its TF1 twin has, as that spells them.

    Where the TF1 program writes summaries unasked, to a folder for temporary files, ``logs/`` is named instead.

    Args:
        program: the TF1 program.
        given: flags and values in turn.
    """
    usual = program.Config()
    known = {field.name for field in dataclasses.fields(usual)}
    kept = ["--log_dir", "logs"] if getattr(usual, "log_dir", "") else []
    for word, value in zip(given[::2], given[1::2], strict=True):
        name = word.removeprefix("--").replace("-", "_")
        name = "max_steps" if name == "steps" and "max_steps" in known else name
        kept += [f"--{name}", value] if name in known else []
    return kept


def write(pairs: Sequence[Tutorial], into: str, *, korean: bool = False) -> str:
    """Write a notebook for each pair; returns a sentence that says where they are.

    Raises:
        UserError: the folder cannot be written, holds a file of that name, or nbformat is missing.
    """
    try:
        import nbformat
    except ImportError:
        raise UserError('--notebooks needs the package nbformat: pip install "tfport[notebooks]"') from None
    target = folder("--notebooks", into)
    for pair in pairs:
        # A notebook is worked in: what is there may hold somebody's work.
        if (target / f"{pair.name}.ipynb").exists():
            raise UserError(f"--notebooks {into}: holds {pair.name}.ipynb already; move it away or name another folder")
    for pair in pairs:
        made = notebook(pair, korean=korean)
        nbformat.validate(made)
        write_text(target / f"{pair.name}.ipynb", nbformat.writes(made))
    return f"{len(pairs)} notebooks in {target}"
