import subprocess
import sys
from dataclasses import dataclass
from typing import ClassVar, Literal

import pytest

from tfport.errors import UserError
from tfport.flags import LARGEST_INT, Flags, flag, folder, run


@dataclass(frozen=True, kw_only=True)
class Sample(Flags):
    steps: int = flag(None, "steps", low=1)
    learning_rate: float = flag(0.1, "rate", above=0)
    keep: float = flag(0.5, "share, in %", above=0, high=1)
    rate: float = flag(0.0, "share to drop", low=0, below=1)
    data_dir: str | None = flag(None, "folder")
    fake_data: bool = flag(False, "constants")
    mode: Literal["fast", "slow"] = flag("fast", "how")
    seed: int = flag(0, "seed", low=0)

    def __post_init__(self):
        super().__post_init__()
        self.settle(steps=7)


def parse(*arguments):
    return Sample.parse(arguments, prog="sample", description="A sample.")


def test_defaults_and_settled_defaults():
    assert parse() == Sample() and parse().steps == 7 and Sample(steps=3).steps == 3


@pytest.mark.parametrize("spelling", ["--data-dir", "--data_dir"])
def test_both_spellings_work(spelling):
    assert parse(spelling, "x").data_dir == "x"
    assert parse(f"{spelling}=x").data_dir == "x"


@pytest.mark.parametrize(("words", "value"), [
    ([], False), (["--fake_data"], True), (["--fake-data=true"], True), (["--fake_data", "false"], False),
])  # fmt: skip
def test_flags_of_truth_are_bare_or_take_a_value(words, value):
    assert parse(*words).fake_data is value


@pytest.mark.parametrize(("words", "sentence"), [
    (["--steps", "0"], "--steps takes a whole number from 1 to"),
    (["--steps", "-1"], "--steps takes a whole number"),
    (["--steps", "1.5"], "--steps takes a whole number"),
    (["--steps", str(LARGEST_INT + 1)], "--steps takes a whole number"),
    (["--steps", "many"], "not 'many'"),
    (["--learning-rate", "nan"], "--learning-rate takes a number above 0 and to 1e+20, not nan"),
    (["--learning-rate", "inf"], "--learning-rate takes a number"),
    (["--learning-rate", "0"], "above 0"),
    (["--keep", "1.5"], "--keep takes a number above 0 and to 1, not 1.5"),
    (["--keep", "0"], "--keep takes a number above 0"),
    (["--rate", "1"], "--rate takes a number from 0 below 1, not 1.0"),
    (["--rate", "-0.1"], "--rate takes a number from 0 below 1"),
    (["--mode", "medium"], "--mode takes one of fast, slow, not 'medium'"),
    (["--fake_data=maybe"], "--fake-data takes true or false"),
    (["--steps"], "expected one argument; see sample --help"),
    (["--stepz", "3"], "unknown flag --stepz; did you mean --steps?"),
    (["--ste", "3"], "unknown flag --ste"),
    (["--quite-else"], "unknown flag --quite-else; see --help"),
    (["word"], "unexpected argument 'word'"),
])  # fmt: skip
def test_wrong_flags_get_one_sentence(words, sentence):
    with pytest.raises(UserError) as caught:
        parse(*words)
    assert sentence in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("values", [
    {"steps": 0}, {"steps": True}, {"steps": 2.0}, {"learning_rate": float("nan")}, {"mode": "x"}, {"fake_data": "yes"},
    {"data_dir": 3}, {"data_dir": "a\0b"}, {"steps": 10**5000}, {"learning_rate": 10**400}, {"learning_rate": 1e31},
])  # fmt: skip
def test_wrong_values_are_refused_in_python_too(values):
    with pytest.raises(UserError, match="takes"):
        Sample(**values)


@dataclass(frozen=True, kw_only=True)
class Retiring(Sample):
    RETIRED: ClassVar = {"dropout": "use --keep"}


@dataclass(frozen=True, kw_only=True)
class RetiringMore(Retiring):
    RETIRED: ClassVar = {"max_steps": "use --steps"}


def test_retired_flags_are_answered():
    for word, sentence in {"--dropout": "use --keep", "--max_steps": "use --steps"}.items():
        with pytest.raises(UserError, match=sentence):
            RetiringMore.parse([word, "0.9"], prog="sample", description="A sample.")
    with pytest.raises(UserError, match="unknown flag --max_steps"):
        Retiring.parse(["--max_steps", "3"], prog="sample", description="A sample.")


def test_bounds_that_are_allowed_themselves():
    assert parse("--keep", "1").keep == 1.0 and parse("--rate", "0").rate == 0.0


def test_help_describes_every_flag(capsys):
    with pytest.raises(SystemExit) as caught:
        parse("--help")
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "--keep X" in text and "share, in %" in text and "--data-dir DIR, --data_dir DIR" in text


def test_a_folder_is_made_and_tried(tmp_path):
    assert folder("--log-dir", str(tmp_path / "a" / "b")).is_dir() and list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path / "file" / "below", "/proc"):
        with pytest.raises(UserError, match="--log-dir .*: cannot be written .*; name another folder"):
            folder("--log-dir", str(path))


def test_run_turns_user_errors_into_exit_code_2(capsys):
    def fail():
        raise UserError("the file x is missing; make it")

    with pytest.raises(SystemExit) as caught:
        run(fail)
    assert caught.value.code == 2
    assert capsys.readouterr().err == "error: the file x is missing; make it\n"


def test_run_leaves_real_errors_alone():
    with pytest.raises(ZeroDivisionError):
        run(lambda: 1 / 0)


def test_run_leaves_with_130_after_ctrl_c():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as caught:
        run(interrupted)
    assert caught.value.code == 130


def test_who_closes_the_pipe_early_is_no_error():
    code = "from tfport.flags import run; run(lambda: [print('line' * 100) for _ in range(1000)])"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith(b"line")
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait() == 141
