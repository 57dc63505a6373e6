import ast
import importlib.util
import re
import types

import nbformat
import pytest

from legacy_tf1 import cnn as legacy_cnn
from legacy_tf1 import summaries as legacy_summaries
from tfport import registry
from tfport.compare import notebooks
from tfport.compare.sections import sections
from tfport.errors import UserError

ROWS = registry.tutorials()


@pytest.mark.parametrize("name", ROWS)
def test_every_notebook_runs(name, tmp_path):
    """On constant images or data of its own; both programs train, and the comparison is drawn."""
    from nbclient import NotebookClient

    made = notebooks.notebook(ROWS[name])
    nbformat.validate(made)
    NotebookClient(made, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in made.cells for output in cell.get("outputs", ())]
    printed = "".join(output.get("text", "") for output in outputs)
    assert f"{name}: " in printed and re.search("[Ss]tep", printed), printed
    assert any("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("name", ROWS)
def test_both_programs_are_there_section_by_section(name):
    made = notebooks.notebook(ROWS[name])
    titles = [cell.source.splitlines()[0] for cell in made.cells if cell.source.startswith("## ")]
    assert len(titles) == len(sections(ROWS[name])) + 1
    code = [cell.source for cell in made.cells if cell.cell_type == "code"]
    for magic, module in (("tf1", ROWS[name].legacy), ("keras", ROWS[name].twin)):
        cells = [source.partition("\n")[2] for source in code if source.startswith(f"%%{magic}\n")]
        spec = importlib.util.find_spec(module)
        with open(spec.origin, encoding="utf-8") as file:
            tree = ast.parse(file.read())
        wanted = [
            ast.dump(node) for node in tree.body if not (isinstance(node, ast.If) and "__main__" in ast.dump(node))
        ]
        assert [ast.dump(node) for source in cells for node in ast.parse(source).body] == wanted


def test_a_notebook_is_the_same_every_time_and_speaks_korean():
    assert nbformat.writes(notebooks.notebook(ROWS["cnn"])) == nbformat.writes(notebooks.notebook(ROWS["cnn"]))
    assert "## 훈련 반복문" in nbformat.writes(notebooks.notebook(ROWS["cnn"], korean=True))


def test_flags_are_spelled_as_the_tf1_program_has_them():
    words = ["--data", "fake", "--steps", "40", "--report-every", "10"]
    program = types.ModuleType("program")
    program.Config = legacy_cnn.Config
    assert notebooks.legacy_words(program, words) == ["--data", "fake", "--steps", "40", "--report_every", "10"]
    program.Config = legacy_summaries.Config
    assert notebooks.legacy_words(program, words) == ["--log_dir", "logs", "--data", "fake", "--max_steps", "40"]


def test_notebooks_are_written_and_none_is_lost(tmp_path):
    told = notebooks.write([ROWS["cnn"], ROWS["softmax"]], str(tmp_path))
    assert told == f"2 notebooks in {tmp_path}"
    assert nbformat.read(tmp_path / "cnn.ipynb", as_version=4).cells
    (tmp_path / "cnn.ipynb").write_text("worked in")
    with pytest.raises(UserError, match="holds softmax.ipynb already; move it away or name another folder"):
        notebooks.write([ROWS["softmax"], ROWS["cnn"]], str(tmp_path))
    assert (tmp_path / "cnn.ipynb").read_text() == "worked in"


def test_a_hostile_pair_breaks_out_of_no_cell(tmp_path, monkeypatch):
    import dataclasses

    program = (
        "# --- model ---\n\ndef builder():\n"
        "    return '```\\n<script>alert(1)</script>````'\n\ndef model():\n    return builder()\n"
    )
    (tmp_path / "fenced_program.py").write_text(program)
    monkeypatch.syspath_prepend(str(tmp_path))
    mine = dataclasses.replace(
        ROWS["softmax"], name="mine", title="<script>alert(1)</script>", legacy="fenced_program", twin="fenced_program",
        builder="fenced_program:builder",
    )  # fmt: skip
    cells = [cell.source for cell in notebooks.notebook(mine).cells if cell.cell_type == "markdown"]
    assert "&lt;script&gt;" in cells[0] and "<script>" not in cells[0]
    (shown,) = [source for source in cells if "fenced_program.builder" in source and "python" in source]
    fence = re.search("^(`{5,})python$", shown, re.MULTILINE)[1]
    assert shown.count(fence) == 2 and shown.endswith(f"\n{fence}")
