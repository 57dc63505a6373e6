"""What holds for every program of either tree, run as a user runs it."""

import json
import re
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from tests.conftest import ROOT
from tfport import data, registry
from tfport.errors import UserError

ROWS = registry.tutorials()
NAMES = list(ROWS)
MODULES = [module for row in ROWS.values() for module in (row.twin, row.legacy)]
OF_DIGITS = [name for name, row in ROWS.items() if row.sources != registry.OWN_DATA]
FIGURES = {
    "temperature": {"fit.png", "temperatures.png"},
    "logistic": {"field.png", "points.png"},
    "holdout": {"curves.png"},
    "hidden": {"field-tanh2.png"},
    "two_hidden": {"field.png", "points.png"},
    "dnn": {"curves.png", "digit.png"},
    "single_cnn": {"curves.png", "filters.png", "misclassified.png"},
}
SECTIONS = ["data", "model", "loss and optimizer", "training", "evaluation", "figures", "program"]


def few(name: str, *, twin: bool) -> list[str]:
    """Flags of a short run."""
    row = ROWS[name]
    module = row.twin_module() if twin else row.legacy_module()
    words = ["--steps", "6"]
    if name in OF_DIGITS:
        words += ["--data", "synthetic", "--batch-size", "20"]
    if name == "summaries" and not twin:
        words[:2] = ["--max_steps", "12"]
    if "report_every" in module.Config.__dataclass_fields__:
        words += ["--report-every", "4"]
    return words


@pytest.fixture(autouse=True)
def small_data(monkeypatch, small_digits):
    """Two thousand digits instead of seventy thousand."""
    from tfport.data import digits, synthetic

    train, test = small_digits.train, small_digits.test

    def few_digits():
        arrays = [(255 * split.images[..., 0]).round().astype(np.uint8) for split in (train, test)]
        # the TF1 reader sets 5,000 rows apart
        images, labels = np.tile(arrays[0], (4, 1, 1)), np.tile(train.labels, 4)
        return images, labels.astype(np.uint8), arrays[1], test.labels.astype(np.uint8)

    monkeypatch.setattr(synthetic, "digits", few_digits)
    assert digits.synthetic is synthetic


@pytest.mark.rows
@pytest.mark.parametrize("name", NAMES)
def test_keras_program_leaves_a_run_folder_figures_and_a_last_line(name, tmp_path, capsys):
    module = ROWS[name].twin_module()
    result = module.main([*few(name, twin=True), "--log-dir", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("Step: ")] == [str(report) for report in result.reports]
    assert [report.step for report in result.reports] == [4, 6]
    assert lines[-1].startswith(f"{name}: ") and "after 6 steps" in lines[-1] and str(result.folder) in lines[-1]
    found = {path.name for path in result.folder.iterdir()}
    expected = {"config.json", "figures", "final.weights.h5", "metrics.jsonl", "seconds.json", "tb"}
    assert found - {"checkpoints"} == expected
    config = json.loads((result.folder / "config.json").read_text())
    assert config["program"] == name and config["config"]["steps"] == 6
    assert len(config["data"]["sha256"]) == 64 and config["versions"]["tensorflow"]
    figures = {path.name for path in (result.folder / "figures").iterdir()}
    assert figures == FIGURES.get(name, {"curves.png"})
    for figure in figures:
        assert matplotlib.image.imread(result.folder / "figures" / figure)[..., :3].std() > 0.02
    fresh = module.build(module.Config())
    fresh.load_weights(str(result.folder / "final.weights.h5"))


@pytest.mark.rows
@pytest.mark.parametrize("name", NAMES)
def test_tf1_program_runs_twice_in_one_process(name, tmp_path, capsys):
    """Each in a graph of its own, from the same seeds."""
    module = ROWS[name].legacy_module()
    words = [*few(name, twin=False), "--log-dir", ""]
    if {"every", "seed"} & set(module.Config.__dataclass_fields__):
        words += ["--seed", "5"]
    figures = tmp_path / "figures"
    draws = "figures_dir" in module.Config.__dataclass_fields__
    first = module.main([*words, "--figures-dir", str(figures)] if draws else words)
    second = module.main(words)
    printed = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("Extracting")]
    assert len(printed) >= 2 and len(first) == len(second) >= 1
    assert first[-1].loss == pytest.approx(second[-1].loss, rel=1e-4)
    expected = FIGURES.get(name, set()) - ({"curves.png"} if name != "holdout" else set())
    assert draws == bool(expected)
    # The name of the program comes first: the folder may be that of several.
    assert not draws or {path.name for path in figures.iterdir()} == {f"{name}-{figure}" for figure in expected}


@pytest.mark.parametrize("name", OF_DIGITS)
def test_tf1_program_runs_to_the_end_on_fake_data(name, capsys, tmp_path):
    words = few(name, twin=False)
    del words[words.index("--data") : words.index("--data") + 2]
    figures = tmp_path / "figures"
    log = ["--log-dir", str(tmp_path / "log")]
    module = ROWS[name].legacy_module()
    words += ["--fake_data", *log]
    if "figures_dir" in module.Config.__dataclass_fields__:
        words += ["--figures-dir", str(figures)]
    reports = module.main(words)
    assert reports
    if "loss" in module.Config.__dataclass_fields__:  # raw, it may be NaN by then: all labels are 0
        reports = module.main([*words, "--loss", "stable"])
    assert np.isfinite(reports[-1].loss)
    assert list(figures.glob("*")) == []
    if FIGURES.get(name, set()) - {"curves.png"}:
        assert "Fake data has no test images" in capsys.readouterr().out


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("words", [["--learning_rate", "nan"], ["--wrong"]])
def test_wrong_flags_leave_with_2_and_one_line(run_python, module, words):
    done = run_python("-m", module, *words)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(("error: --learning-rate takes a number above 0", "error: unknown flag --wrong"))
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("module", MODULES)
def test_neither_import_nor_help_loads_tensorflow(run_python, module):
    code = (
        f"import sys, {module} as program\n"
        "try: program.main(['--help'])\n"
        "except SystemExit as stop: print('tensorflow' in sys.modules, stop.code)"
    )
    assert run_python("-c", code).stdout.splitlines()[-1] == "False 0"


@pytest.mark.parametrize("name", NAMES)
def test_both_programs_have_the_same_sections_in_the_same_order(name):
    """What answers a section is found beside it."""
    old, new = (
        re.findall(r"^# --- (.+) ---$", Path(module.__file__).read_text(encoding="utf-8"), flags=re.MULTILINE)
        for module in (ROWS[name].legacy_module(), ROWS[name].twin_module())
    )
    assert old == new and len(old) >= 5
    assert old == [section for section in SECTIONS if section in old]
    for attribute in ("Config", "model", "build", "train", "main"):
        assert all(hasattr(module, attribute) for module in (ROWS[name].legacy_module(), ROWS[name].twin_module()))


@pytest.mark.parametrize("name", NAMES)
def test_both_programs_have_the_same_budget(name):
    legacy, twin = ROWS[name].legacy_module().Config(), ROWS[name].twin_module().Config()
    if name == "dnn":  # its budget follows from the size of the training set
        assert (legacy.epochs, legacy.steps) == (15, None) and twin.steps == 15 * 550
    elif name == "summaries":
        assert twin.steps == legacy.updates_before(legacy.max_steps) == 900
        assert legacy.for_updates(900).max_steps == 1000 and legacy.for_updates(7).updates_before(8) == 7
    else:
        assert legacy.steps == twin.steps
    for field in ("learning_rate", "batch_size"):
        assert getattr(legacy, field, None) == getattr(twin, field, None)


def test_twins_name_the_traps_that_the_port_had_to_see():
    """A line of the twin's docstring for each place where TF1 and Keras part."""
    for words, names in {
        "raw": ("logistic", "holdout", "two_hidden", "hidden", "softmax", "single_cnn", "cnn"),
        "1e-8": ("temperature", "logistic", "dnn", "summaries", "small_cnn", "single_cnn", "cnn"),
        "SUM": ("temperature", "logistic", "holdout", "hidden", "two_hidden", "single_cnn", "cnn"),
        "0.065": ("hidden",),  # the learning rate that a mean loss would need
        "probability to keep": ("summaries", "cnn"),
        "TN(1)": ("single_cnn", "cnn"),
        "times as far": ("logistic", "single_cnn", "cnn"),  # a sum for a mean, to gradient descent
        "poor hidden activation": ("dnn",),
        "if i % 100": ("small_cnn",),
    }.items():
        for name in names:
            assert words in (ROWS[name].twin_module().__doc__ or "").replace("\n", " "), (name, words)


@pytest.mark.parametrize("name", OF_DIGITS)
def test_a_twin_answers_the_flag_for_fake_data(name):
    with pytest.raises(UserError, match="write --data fake"):
        ROWS[name].twin_module().main(["--fake_data"])


def test_nothing_of_the_port_is_loaded_by_a_tf1_program(run_python):
    """(TensorFlow itself imports the Keras that it comes with.)"""
    code = (
        "import sys, legacy_tf1.hidden as program\n"
        "program.main(['--steps', '1'])\n"
        "of_the_port = ('tf_keras', 'tfport.models', 'tfport.training', 'tfport.callbacks')\n"
        "print([name for name in sys.modules if name.startswith(of_the_port)])"
    )
    done = run_python("-c", code)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout


def test_run_folder_of_a_small_problem_records_its_data(tmp_path):
    from tfport import logistic

    result = logistic.main(["--steps", "2", "--data-seed", "7", "--log-dir", str(tmp_path)])
    written = json.loads((result.folder / "config.json").read_text())["data"]
    assert written["sha256"] == data.problems.points("logistic", 7).sha256 and written["origin"] == "seed 7"


def test_readme_runs_every_pair():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"legacy_tf1/{name}.py" in text and f"tfport/{name}.py" in text
