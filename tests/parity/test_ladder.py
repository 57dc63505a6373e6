"""The ladder on the three sources of digits, climbed as a user climbs it."""

import json
import os
import subprocess
import sys

import pytest

from tests.parity.pairs import softmax_pair
from tfport import parity, registry
from tfport.errors import UserError
from tfport.parity import command
from tfport.versions import keras_generation

ROWS = registry.tutorials()
OF_DIGITS = [name for name, row in ROWS.items() if row.sources != registry.OWN_DATA]
GRADIENT_DESCENT = ("softmax", "hidden", "two_hidden")
OF_OWN_DATA = [name for name in ROWS if name not in OF_DIGITS]


@pytest.fixture(scope="module")
def climb(tmp_path_factory):
    """Climb for several pairs in one process, once for each set of arguments; returns outcome and table by name."""
    done = {}

    def once(names, *flags):
        key = (*names, *flags)
        if key not in done:
            path = tmp_path_factory.mktemp("climb") / "ladders.json"
            command = [sys.executable, "-m", "tfport", "parity", *names, *flags, "--json", str(path)]
            process = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
            assert path.exists(), process.stdout + process.stderr
            ladders = json.loads(path.read_text())
            ladders = ladders if isinstance(ladders, list) else [ladders]
            assert process.returncode == (0 if all(ladder["passed"] for ladder in ladders) else 1)
            done[key] = {ladder["name"]: ladder for ladder in ladders}, process.stdout
        return done[key]

    return once


def assert_every_rung_holds(ladder):
    assert [check for check in ladder["checks"] if not check["passed"]] == []
    assert {check["rung"] for check in ladder["checks"]} == {1, 2, 3, 4, 5}
    distances = [check for check in ladder["checks"] if "(ulp)" in check["name"]]
    assert len(distances) == (2 if ladder["name"] in GRADIENT_DESCENT else 3)  # which keeps no slots
    if ladder["source"] != "tutorial" or keras_generation() == 2:  # see rungs.lockstep
        assert {(check["measured"], check["limit"]) for check in distances} == {(0, 0)}, distances


@pytest.mark.rows
@pytest.mark.parametrize("name", OF_DIGITS)
def test_twins_agree_on_fake_images(climb, name):
    ladders, table = climb(OF_DIGITS, "--data", "fake", "--steps", "20", "--seeds", "2")
    assert_every_rung_holds(ladders[name])
    assert f"parity of {name} on FAKE images (deterministic operations)" in table


@pytest.mark.parametrize("name", OF_DIGITS)
def test_twins_agree_on_synthetic_digits(climb, name):
    """Up to lockstep; trained to the end they are on fake images and on real MNIST."""
    ladder = climb(OF_DIGITS, "--data", "synthetic", "--rungs", "1-4")[0][name]
    assert ladder["passed"] and {check["rung"] for check in ladder["checks"]} == {1, 2, 3, 4}


@pytest.mark.parametrize("name", OF_DIGITS)
def test_twins_agree_on_real_mnist(climb, name, mnist_dir):
    assert_every_rung_holds(
        climb(OF_DIGITS, "--data", "mnist", "--steps", "50", "--seeds", "2", "--data-dir", mnist_dir)[0][name]
    )


@pytest.mark.rows
@pytest.mark.parametrize("name", OF_OWN_DATA)
def test_twins_agree_on_data_of_their_own(climb, name):
    assert_every_rung_holds(climb(OF_OWN_DATA, "--steps", "300")[0][name])


@pytest.mark.parametrize("variant", ["tanh4", "relu2"])
def test_the_variants_of_hidden_agree(climb, variant):
    ladder = climb(["hidden"], "--settings", f"variant={variant}", "--steps", "300")[0]["hidden"]
    assert_every_rung_holds(ladder)
    (raw,) = [check for check in ladder["checks"] if check["name"].endswith("takes over the raw form")]
    # The stable twins are equal for as long as they run; against the raw loss the report names the step where it ends.
    assert raw["detail"].startswith(
        "apart by more than 0.001 from step " if variant == "relu2" else "alike for all 300"
    )


def test_cnn_losses_agree_with_ordinary_operations_too(climb):
    ladder = climb(["cnn"], "--data", "synthetic", "--rungs", "4", "--deterministic", "false")[0]["cnn"]
    assert ladder["passed"]
    assert not ladder["options"]["exact"]
    limits = {check["name"]: check["limit"] for check in ladder["checks"]}
    assert limits["weights after 100 steps (ulp)"] is None and limits["losses 1-10"] == 1e-5


def test_the_deep_preset_agrees_too(climb):
    flags = ["--data", "fake", "--settings", "preset=deep", "--steps", "20", "--seeds", "2"]
    assert_every_rung_holds(climb(["cnn"], *flags)[0]["cnn"])


def test_settings_that_a_program_does_not_have(small_digits):
    options = parity.Options(settings={"variant": "tanh2"})
    with pytest.raises(UserError, match="unknown flag --variant"):
        parity.climb(softmax_pair(), small_digits, [1], options)
    with pytest.raises(UserError, match="--settings takes NAME=VALUE"):
        command.Config(settings="preset").settings_of_both()


def test_a_pair_of_ones_own_gets_the_ladder(small_digits):
    """Another optimizer (gradient descent), another model, no dropout."""
    options = parity.Options(batch_size=20, trained_steps=30, trained_seeds=2)
    ladder = parity.climb(softmax_pair(margin=5), small_digits, options=options)
    assert ladder.passed, ladder.table()
    assert {check.rung for check in ladder.checks} == {1, 2, 3, 4, 5}


def test_a_failed_rung_fails_the_ladder_and_shows_in_the_table(small_digits):
    ladder = parity.climb(softmax_pair(learning_rate=0.4), small_digits, [1, 4], parity.Options(batch_size=20))
    assert not ladder.passed and "FAIL" in ladder.table()
    assert [check.passed for check in ladder.checks if check.rung == 1] == [True, True]


def test_an_empty_ladder_does_not_pass():
    assert not parity.Ladder("x", "fake", "FAKE", "", parity.Options(), []).passed


def test_command_leaves_with_1_where_a_rung_fails(monkeypatch, small_digits, capsys):
    broken = softmax_pair(learning_rate=0.4)
    monkeypatch.setattr(parity.Pair, "of", lambda tutorial: broken)
    monkeypatch.setattr("tfport.data.load", lambda *_: small_digits)
    assert command.main(["cnn"], ["--rungs", "4", "--deterministic=false"]) == 1
    assert "FAIL" in capsys.readouterr().out


@pytest.mark.parametrize(("rungs", "numbers"), [("1-4", [1, 2, 3, 4]), ("5,1", [1, 5]), ("2", [2])])
def test_rungs_are_a_list_or_a_range(rungs, numbers):
    assert command.Config(rungs=rungs).selected() == numbers


@pytest.mark.parametrize("rungs", ["0", "6", "a", "", "4-1", "1-999999999999"])
def test_other_rungs_are_refused(rungs):
    with pytest.raises(UserError, match="--rungs takes numbers from 1 to 5"):
        command.Config(rungs=rungs).selected()


def test_outcome_is_json_that_every_parser_takes(tmp_path, small_digits):
    from tfport.training.runs import write_json

    ladder = parity.climb(softmax_pair(), small_digits, [1])
    checks = [parity.Check(1, "far", float("inf"), 1)]
    write_json(tmp_path / "x.json", parity.Ladder("x", "fake", "", "", parity.Options(), checks).as_json())
    written = json.loads((tmp_path / "x.json").read_text(), parse_constant=lambda word: pytest.fail(word))
    assert written["checks"][0]["measured"] == "inf" and written["options"]["trained_seeds"] == 3
    assert ladder.passed


def test_json_that_cannot_be_written_is_known_before_the_climb(tmp_path):
    with pytest.raises(UserError, match="--json .* is a folder; name a file"):
        command.main(["softmax"], ["--json", str(tmp_path)])
    assert list(tmp_path.iterdir()) == []


def test_an_optimizer_that_the_ladder_cannot_open_is_named(small_digits):
    from legacy_tf1 import tf

    pair = softmax_pair(optimizer=lambda: tf.train.MomentumOptimizer(0.1, 0.9))
    with pytest.raises(UserError, match="no update by ResourceApplyAdam or"):
        parity.climb(pair, small_digits, [1])
