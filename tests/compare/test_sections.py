import ast
import re

import pytest

from tests.conftest import ROOT
from tfport import registry
from tfport.compare import command, words
from tfport.compare.sections import BEHIND, HEAD, cut, functions, sections
from tfport.errors import UserError

ROWS = registry.tutorials()


def unanswered(pair):
    """Sections that one side lacks, or has without code and without a reason."""
    found = []
    for section in sections(pair):
        for side in (section.old, section.new):
            own = side[0].source if side else ""  # what a name leads to is no answer
            if not ast.parse(own).body and len(re.findall(r"\w+", own)) < 5:
                found.append(section.name)
    return found


@pytest.fixture
def pair_of(tmp_path, monkeypatch):
    """A pair whose programs have these sources."""

    def make(old, new, models="def mine():\n    return 1\n"):
        for name, source in (("old", old), ("new", new), ("models", models)):
            (tmp_path / f"sections_{name}.py").write_text(source, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        sections.__globals__["_read"].cache_clear()
        return registry.Tutorial("mine", "a pair", "sections_old", "sections_new", "sections_models:mine")

    return make


@pytest.mark.parametrize("name", ROWS)
def test_every_section_is_answered(name):
    assert unanswered(ROWS[name]) == []
    names = [section.name for section in sections(ROWS[name])]
    assert set(names) <= set(words.SECTIONS)
    assert names[0] == HEAD and {"data", "model", "loss and optimizer", "training", "program"} <= set(names)


def test_a_section_without_a_partner_or_a_reason_is_found(pair_of):
    model = "# --- model ---\n\nx = 1\n"
    assert unanswered(pair_of(f"import os\n\n{model}", f"import os\n\n{model}")) == []
    drawn = f"import os\n{model}\n# --- figures ---\n\ny = 2\n"
    assert unanswered(pair_of(drawn, f"import os\n{model}")) == ["figures"]
    assert unanswered(pair_of(f"import os\n\n{model}", f"import os\n{model}\n# --- figures ---\n")) == ["figures"] * 2
    said = "# --- figures ---\n\n# Nothing to draw: the TF1 program draws what Keras shows.\n"
    assert unanswered(pair_of(drawn, f"import os\n{model}\n{said}")) == []


@pytest.mark.parametrize("name", ROWS)
def test_pieces_are_the_lines_of_their_files(name):
    for section in sections(ROWS[name]):
        for piece in (*section.old, *section.new):
            lines = (ROOT / piece.path).read_text(encoding="utf-8").splitlines()[piece.line - 1 :]
            assert [line.strip() for line in piece.source.splitlines()] == [
                line.strip() for line in lines[: len(piece.source.splitlines())]
            ]
            ast.parse(piece.source)


@pytest.mark.parametrize("name", ROWS)
def test_nothing_of_a_program_is_left_out(name):
    for module in (ROWS[name].legacy, ROWS[name].twin):
        shown = "\n".join(piece.source for pieces in cut(module).values() for piece in pieces)
        text = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
        wanted = [line for line in text.splitlines() if line.strip() and not line.startswith("# --- ")]
        assert [line for line in shown.splitlines() if line.strip()] == wanted


def test_the_builder_and_what_it_calls_belong_to_the_model():
    (model,) = (section for section in sections(ROWS["cnn"]) if section.name == "model")
    assert [piece.source.split("(")[0] for piece in model.new] == [
        "def model",
        "def cnn",
        "def truncated_normal",
        "def constant",
    ]


def test_the_training_shows_where_batches_come_from():
    (training,) = (section for section in sections(ROWS["cnn"]) if section.name == "training")
    assert "def next_batch" in training.old[1].source and "def batches" in training.new[1].source
    assert all(functions(target) for target in BEHIND.values())


def test_programs_without_markers_are_one_section(pair_of):
    (section,) = sections(pair_of("x = 1\n", "y = 2\n"))
    assert (section.name, section.old[0].source, section.new[0].source) == (HEAD, "x = 1", "y = 2")


def test_a_form_feed_ends_no_line(pair_of):
    pair = pair_of(
        "x = 1\n\x0c\ny = 'a\x0cb'\n# --- model ---\nz = 3\n", "y = 2\n", "\x0c\ndef mine():\n    return 1\n"
    )
    head, model = sections(pair)[:2]
    assert (head.old[0].source, model.old[0].line) == ("x = 1\n\x0c\ny = 'a\x0cb'", 5)
    (built,) = functions(pair.builder)
    assert (built.source, built.line) == ("def mine():\n    return 1", 2)


def test_what_cannot_be_read_is_named(pair_of):
    pair = pair_of("x = 1\n", "# --- model ---\ny = 2\n", models="z = 3\n")
    with pytest.raises(UserError, match="sections_models.py: has no function mine"):
        sections(pair)
    with pytest.raises(UserError, match="sections_old.py:3: no Python of today"):
        sections(pair_of("x = 1\n\nprint 'two'\n", "y = 2\n"))
    with pytest.raises(UserError, match="no_such_module: no such module"):
        cut("no_such_module")
    with pytest.raises(UserError, match="no_such.module: its source cannot be read"):
        cut("no_such.module")


def test_sections_are_found_by_their_beginning():
    assert [section.name for section in command.choose(ROWS["cnn"], "loss")] == ["loss and optimizer"]
    assert HEAD not in [section.name for section in command.choose(ROWS["cnn"], "")]
    with pytest.raises(UserError, match="--section modle: cnn has none of that name; did you mean model"):
        command.choose(ROWS["cnn"], "modle")
    with pytest.raises(UserError, match="there are: flags, data, model, loss and optimizer"):
        command.choose(ROWS["cnn"], "qqq")


def test_neither_tensorflow_nor_a_program_is_loaded(run_python):
    code = (
        "import sys; from tfport import cli; cli.main(['compare', 'cnn', '--plain']); "
        "print([name for name in ('tensorflow', 'legacy_tf1.cnn', 'tfport.cnn', 'jinja2') if name in sys.modules])"
    )
    assert run_python("-c", code).stdout.splitlines()[-1] == "[]"
