"""Every flag of every program, command and script, with values that are none: one sentence, before TensorFlow."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tfport import registry

PROGRAMS = [module for row in registry.tutorials().values() for module in (row.twin, row.legacy)]
COMMANDS = {
    "tfport.parity.command": ["Config"], "tfport.compare.command": ["Config"], "tfport.audit": ["Config"],
    "tfport.tensorboard": ["Config"], "tfport.interop.prediction": ["Config"], "tfport.interop.export": ["Config"],
    "bench": ["Bench", "SpeedConfig"], "reproduce": ["Config"], "launch_workers": ["Config"], "fuzz": ["Config"],
    "soak": ["Config"], "handover": ["Config"],
}  # fmt: skip
CLASSES = [*((module, "Config") for module in PROGRAMS), *((m, c) for m, names in COMMANDS.items() for c in names)]
NUMBERS = (
    "nan",
    "inf",
    "-inf",
    "-1",
    "-1e-9",
    "1e400",
    "-1e400",
    "1e31",
    str(10**30),
    "9" * 5000,
    "many",
    "",
    "1,5",
    "0x",
)
NONE = {
    int: (*NUMBERS, "1.5", "1e3", "true"),
    float: (*NUMBERS, "true"),
    bool: ("maybe", "", "2", "-1", "nan", "\x1b[31mtrue", "true" * 5000),
    str: ("nonsense", "", "NaN", "1", "\x1b[31m", "x" * 5000),  # where there is a choice
}
# Asks each class, in one process without TensorFlow, what it says of each value.
ASK = """
import importlib, json, sys
from tfport.errors import UserError
from tfport.flags import _kinds

def said(config, word):
    try:
        config.parse([word], prog="program", description="")
        return None
    except UserError as error:
        return str(error)

classes, none = json.load(sys.stdin)
answers = []
for module, name in classes:
    config = getattr(importlib.import_module(module), name)
    for field, kind in _kinds(config).items():
        bounds = kind.bounds() if kind.type in (int, float) else {}
        values = none[kind.type.__name__] if kind.type is not str or kind.choices else ["a\\0b"]
        values = [*values, *(["0"] if bounds and (bounds.get("low", 1) > 0 or "above" in bounds) else [])]
        for value in values:
            answers.append([module, field, value, said(config, f"--{field}={value}")])
        if kind.type is not bool:  # which is true where it has no value
            answers.append([module, field, None, said(config, f"--{field}")])
        if kind.type in (int, float):
            assert min(bounds.get("low", 0), bounds.get("above", 0)) >= 0, f"{module} --{field} has no lower bound"
assert "tensorflow" not in sys.modules and "tf_keras" not in sys.modules and "keras" not in sys.modules
json.dump(answers, sys.stdout)
"""


@pytest.fixture(scope="module")
def answers():
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        input=json.dumps([CLASSES, {kind.__name__: values for kind, values in NONE.items()}]),
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'scripts'}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("module", dict(CLASSES))
def test_a_value_that_is_none_is_refused_in_one_sentence_that_names_the_flag(module, answers):
    mine = [each for each in answers if each[0] == module]
    assert mine
    for _, field, value, sentence in mine:
        told = f"{module} --{field}={value!r:.40}: {sentence}"
        assert sentence is not None, told
        assert f"--{field}" in sentence or f"--{field.replace('_', '-')}" in sentence, told
        assert sentence.isprintable() and len(sentence) < 400, told


def test_every_program_answers_so_when_it_is_run(run_python):
    """Of each kind of program one, as a process: exit code 2, one line, no TensorFlow."""
    watch = (
        "import atexit, runpy, sys; atexit.register(lambda: print('tensorflow' in sys.modules)); "
        "sys.path.insert(0, 'scripts'); name = sys.argv.pop(1); sys.argv[0] = name; "
        "runpy.run_path(name, run_name='__main__') if name.endswith('.py') else runpy.run_module(name, "
        "run_name='__main__', alter_sys=True)"
    )
    for words in (
        ["tfport.cnn", "--learning-rate", "nan"],
        ["legacy_tf1.cnn", "--steps", str(10**30)],
        ["tfport", "parity", "cnn", "--settings", "learning_rate=inf", "--data", "fake"],
        ["tfport", "export", "nowhere", "--to", "pickle"],
        ["legacy_tf1", "--no-such-flag", "script.py"],
        ["scripts/bench.py", "speed", "--turns", "0"],
        ["scripts/bench.py", "nonsense"],
        ["scripts/bench.py", "sheet", "nowhere/x.png"],
        ["scripts/reproduce.py", "--table", "--only", "nonsense"],
        ["scripts/build_site.py", "--html"],
    ):
        path = [str(ROOT / words[0])] if words[0].endswith(".py") else words[:1]
        done = run_python("-c", watch, *path, *words[1:], PYTHONPATH=str(ROOT))
        assert done.returncode == 2, (words, done.stderr)
        assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1, (words, done.stderr)
        assert done.stdout == "False\n", words


def test_paths_that_cannot_be_are_answered_before_tensorflow(run_python, tmp_path):
    """Empty words, names too long, devices and files in a folder's place, for every flag that is a path."""
    (tmp_path / "file").write_text("mine")
    code = """
import contextlib, io, json, sys
from tfport import cli
from tfport.flags import run
from legacy_tf1 import logistic as old
from tfport import logistic as new
programs = {"tfport": cli.main, "tfport.logistic": new.main, "legacy_tf1.logistic": old.main}
for name, *words in json.loads(sys.argv[1]):
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            run(lambda: programs[name](words))
        code = 0
    except SystemExit as stop:
        code = stop.code
    lines = said.getvalue().splitlines()
    assert code == 2 and len(lines) == 1, (words, code, lines)
    assert lines[0].startswith("error: ") and len(lines[0]) < 1500, words
    assert "tensorflow" not in sys.modules, words
print("all of them")
"""
    wrong = ["x" * 300, "y" * 5000, "file/below/x.png", "/proc/nope/x.png"]
    tf1_paths = ("log_dir", "save", "figures_dir", "restore")
    asked = [
        *(["tfport.logistic", f"--log-dir={path}"] for path in [*wrong, "file", "/dev/null"]),
        *(["legacy_tf1.logistic", f"--{flag}={path}"] for path in wrong for flag in tf1_paths),
        *(["tfport", *command, f"--{flag}={path}"] for path in wrong for *command, flag in (
            ["compare", "softmax", "html"], ["compare", "softmax", "notebooks"], ["parity", "softmax", "json"],
            ["predict", "run", "x.png", "figure"], ["export", "run", "into"],
        )),
        *(["tfport", command, path, *more] for path in [*wrong, ""] for command, *more in (
            ["predict", "x.png"], ["export"], ["tags", "there"], ["tensorboard"], ["audit"], ["compare"], ["parity"],
            ["run-tf1"],
        )),
    ]  # fmt: skip
    done = run_python("-c", f"import os; os.chdir({str(tmp_path)!r}){code}", json.dumps(asked), PYTHONPATH=str(ROOT))
    assert done.returncode == 0 and done.stdout == "all of them\n", done.stderr[-2000:]
