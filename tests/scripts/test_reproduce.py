"""The script that makes README's table, on small budgets; and the table it made."""

import importlib.util
import json
import math

import numpy as np
import pytest

from tests.conftest import ROOT
from tfport import registry
from tfport.data import problems
from tfport.errors import UserError

SCRIPT = ROOT / "scripts" / "reproduce.py"
RESULTS = ROOT / "tfport" / "results" / "reproduce.json"


@pytest.fixture(scope="module")
def script():
    specification = importlib.util.spec_from_file_location("reproduce", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    import sys

    sys.modules["reproduce"] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    yield module
    del sys.modules["reproduce"]


@pytest.fixture(scope="module")
def committed():
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def test_a_reproduction_is_resumed_and_fills_its_table(run_python, tmp_path):
    work, results, readme = tmp_path / "work", tmp_path / "results", tmp_path / "README.md"
    readme.write_text("before\n<!-- reproduce: begin -->\nold\n<!-- reproduce: end -->\nafter\n")
    words = ["--only", "hidden,logistic", "--steps", "40", "--point-seeds", "2", "--work", str(work)]
    words += ["--results", str(results), "--figures", str(tmp_path / "figures"), "--readme", str(readme)]
    done = run_python(str(SCRIPT), *words)
    assert done.returncode == 0, done.stderr
    files = {path.name: path.stat().st_mtime_ns for path in work.iterdir()}
    assert len(files) == 7  # three variants of hidden by two seeds, and logistic once
    results.joinpath("reproduce.json").unlink()
    lost = next(path for path in work.iterdir() if "hidden-relu2" in path.name)
    lost.unlink()
    again = run_python(str(SCRIPT), *words)
    remade = {path.name for path in work.iterdir() if path.stat().st_mtime_ns != files[path.name]}
    assert again.returncode == 0 and remade == {lost.name}
    entries = json.loads((results / "reproduce.json").read_text())["entries"]
    assert [entry["name"] for entry in entries] == ["logistic", "hidden tanh2", "hidden tanh4", "hidden relu2"]
    assert all(entry["passed"] and entry["steps"] == 40 and entry["cpu"] for entry in entries)
    assert [len(entry["runs"]) for entry in entries] == [1, 2, 2, 2]
    text = readme.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "| `hidden relu2` |" in text
    assert "\nold\n" not in text
    assert text.split("-->\n")[1].split("\n<!--")[0] == again.stdout.strip()
    figures = {path.name for path in (tmp_path / "figures").iterdir()}
    assert {"logistic.png", "hidden-tanh2.png", "hidden-tanh2-ends.png"} <= figures


@pytest.mark.parametrize(("words", "sentence"), [
    (["--only", "logistik"], "did you mean logistic"),
    (["--table", "--results", "nowhere"], "no results yet; run without --table first"),
    (["--seeds", "0"], "--seeds takes a whole number from 1 to 500"),
    (["--readme", "nowhere.md"], "--readme nowhere.md: cannot be read"),
    (["--table", "--results", "tests/scripts", "--figures", "README.md"], "--figures README.md: cannot be written"),
])  # fmt: skip
def test_mistakes_are_answered_with_one_sentence(run_python, words, sentence):
    done = run_python(str(SCRIPT), *words)
    assert done.returncode == 2 and sentence in done.stderr and len(done.stderr.splitlines()) == 1


def test_results_cut_short_are_answered_with_one_sentence(script, tmp_path):
    """Not by us, who write them whole or not at all."""
    whole = RESULTS.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 2):
        (tmp_path / "reproduce.json").write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"reproduce\.json: cannot be read .*; move it away, and it is made anew"):
            script.main(["--table", "--results", str(tmp_path)])


def test_a_trial_leaves_the_projects_results_alone(run_python, tmp_path):
    before = RESULTS.read_bytes()
    words = ["--only", "softmax", "--steps", "3", "--seeds", "2", "--data", "synthetic", "--work", str(tmp_path)]
    done = run_python(str(SCRIPT), *words)
    assert done.returncode == 0, done.stderr
    assert RESULTS.read_bytes() == before and (tmp_path / "reproduce.json").is_file()
    (row,) = [line for line in done.stdout.splitlines() if "`softmax`" in line]
    assert row.startswith("| `softmax`, 3 steps, SYNTHETIC digits")


def test_a_failed_comparison_shows_in_the_verdict(script, committed):
    entry = json.loads(json.dumps(committed["entries"][0]))
    entry["checks"][-1]["passed"] = False
    assert f"FAILED: {entry['checks'][-1]['name']}" in script.table({"entries": [entry]})


def test_nan_is_counted_and_not_averaged(script):
    assert script.summary([1.0, 3.0, math.nan], "loss") == "loss 2.0000 ± 1.4142 (1 NaN)"
    assert script.summary([math.nan], "loss") == "NaN"


def test_readme_carries_the_table_of_the_committed_results(script, committed):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.split("<!-- reproduce: begin -->\n")[1].split("\n<!-- reproduce: end -->")[0]
    assert table == f"{script.table(committed)}\n\n{script.minima(committed)}"


def test_figures_can_be_drawn_from_the_committed_weights(committed):
    entries = {entry["name"]: entry for entry in committed["entries"]}
    problem = problems.temperature()
    for side in ("old", "new"):
        run = entries["temperature"]["runs"][0]
        (weights,) = run[f"{side}_learned"]["weights"]
        errors = problem.train.inputs.astype(float) @ np.array(weights) - problem.train.targets
        assert np.sum(errors**2) == pytest.approx(run[side][-1][1], rel=1e-3)
        assert [np.shape(part) for part in entries["two_hidden"]["runs"][0][f"{side}_learned"]["weights"]] == [
            (2, 2), (2,), (2, 2), (2,), (2, 1), (1,)
        ]  # fmt: skip


def test_committed_results_are_whole_small_and_sound(script, committed):
    assert sum(path.stat().st_size for path in RESULTS.parent.iterdir()) < 500_000
    expected = [task.name for task in script.tasks(script.Config())]
    assert [entry["name"] for entry in committed["entries"]] == expected
    for entry in committed["entries"]:
        row = registry.find(entry["name"].split()[0])
        digits = row.sources != registry.OWN_DATA
        assert entry["passed"] and entry["whole"], entry["name"]
        limits = [(check["measured"], check["limit"]) for check in entry["checks"] if check["limit"] is not None]
        assert len(limits) >= 2 and all(float(measured) <= limit for measured, limit in limits)
        assert len(entry["runs"]) >= (3 if digits else 50 if row.edges else 1)
        assert entry["steps"] == row.twin_module().Config().steps  # the tutorial's whole budget
        assert entry["data"]["title"] == "MNIST" or not digits
        assert entry["versions"]["tensorflow"] and entry["cpu"]
