"""A run that was cut off goes on where its last checkpoint was made, and ends as if nothing had happened."""

import json

import numpy as np
import pytest

from tfport import summaries, training
from tfport.errors import UserError
from tfport.training.strategies import create, is_chief
from tfport.versions import keras_generation

FLAGS = ["--data", "mnist", "--batch-size", "20", "--steps", "12", "--report-every", "4", "--dropout-rate", "0.5"]


def run(*flags, stop_after=None):
    """The program, as far as that many reports."""
    config = summaries.Config.parse(flags, prog="summaries", description="")
    with training.start("summaries", config, summaries.build) as this_run:
        if stop_after:
            add = this_run.add

            def cut_off(report):
                add(report)
                if len(this_run.reports) > stop_after:
                    raise RuntimeError("cut off")

            this_run.add = cut_off
        this_run.fit([])
        this_run.save()
        this_run.finish()
    return this_run


@pytest.mark.rows
def test_a_resumed_run_ends_with_equal_weights(digits_folder, tmp_path):
    flags = [*FLAGS, "--data-dir", str(digits_folder)]
    whole = run(*flags, "--log-dir", str(tmp_path / "whole"))
    with pytest.raises(RuntimeError, match="cut off"):
        run(*flags, "--log-dir", str(tmp_path / "cut"), stop_after=1)
    (folder,) = (tmp_path / "cut").iterdir()
    assert len((folder / "metrics.jsonl").read_text().splitlines()) == 2  # of the second there is no checkpoint
    resumed = run("--resume", str(folder))
    assert resumed.done == 4 and [report.step for report in resumed.reports] == [4, 8, 12]
    for one, two in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [line["loss"] for line in lines] == [report.loss for report in whole.reports]
    assert [line["seconds"] for line in lines] == sorted(line["seconds"] for line in lines)


def test_a_run_resumed_after_its_end_has_nothing_to_do(digits_folder, tmp_path):
    first = run(*FLAGS, "--steps", "10", "--data-dir", str(digits_folder), "--log-dir", str(tmp_path / "runs"))
    again = run("--resume", str(first.folder))
    assert again.done == 10 and [report.step for report in again.reports] == [4, 8, 10]
    for one, two in zip(first.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_what_cannot_be_resumed_is_said_in_one_sentence(digits_folder, tmp_path):
    made = run(*FLAGS, "--data-dir", str(digits_folder), "--log-dir", str(tmp_path / "runs")).folder
    with pytest.raises(UserError, match=r"--resume .*holds no config.json of a run"):
        run("--resume", str(tmp_path))
    with pytest.raises(UserError, match=r"--batch-size: a resumed run keeps its own flags; leave it out"):
        run("--resume", str(made), "--batch-size", "30")
    with pytest.raises(UserError, match=r"--resume .* is a run of summaries, not of softmax"):
        from tfport import softmax

        softmax.main(["--resume", str(made)])
    (made / "checkpoints" / "step-12.index").write_bytes(b"torn")
    with pytest.raises(UserError, match="cannot be restored, it is broken or of another model"):
        run("--resume", str(made))


def test_other_digits_are_noticed(digits_folder, tmp_path, mnist_dir):
    made = run(*FLAGS, "--data-dir", str(digits_folder), "--log-dir", str(tmp_path / "runs")).folder
    with pytest.raises(UserError, match="learned from other digits"):
        run("--resume", str(made), "--data-dir", mnist_dir)


def test_a_strategy_that_cannot_be_is_refused(monkeypatch):
    assert create("none", 50) is None
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert is_chief()
    if keras_generation() == 3:
        with pytest.raises(UserError, match="tf.distribute trains models of Keras 2 alone; unset TFPORT_KERAS"):
            create("mirrored", 50)
        return
    with pytest.raises(UserError, match="TF_CONFIG names no workers"):
        create("multiworker", 50)
    monkeypatch.setenv("TF_CONFIG", "worker")
    with pytest.raises(UserError, match="TF_CONFIG is no JSON object"):
        create("multiworker", 50)


def test_only_the_first_worker_is_chief(monkeypatch):
    for index, expected in ((0, True), (1, False)):
        monkeypatch.setenv("TF_CONFIG", json.dumps({"task": {"type": "worker", "index": index}}))
        assert is_chief() is expected


@pytest.mark.rows
@pytest.mark.skipif(keras_generation() == 3, reason="tf.distribute trains models of Keras 2 alone")
def test_two_devices_learn_what_one_learns(digits_folder, tmp_path, run_python):
    program = (
        "import sys\n"
        "from tfport import startup, summaries\n"
        "startup.prepare()\n"
        "import tensorflow as tf\n"
        "(cpu,) = tf.config.list_physical_devices('CPU')\n"
        "tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)\n"
        "made = tf.distribute.MirroredStrategy\n"
        "tf.distribute.MirroredStrategy = lambda: made(['CPU:0', 'CPU:1'])\n"
        "print([report.loss for report in summaries.main(sys.argv[1:]).reports])\n"
    )
    flags = [*FLAGS, "--data-dir", str(digits_folder), "--log-dir", str(tmp_path), "--summary-every", "100"]
    told = []
    for strategy in ("none", "mirrored"):
        done = run_python("-c", program, *flags, "--strategy", strategy)
        assert done.returncode == 0, done.stderr
        told.append(json.loads(done.stdout.splitlines()[-1]))
    assert told[1] == pytest.approx(told[0], rel=1e-4)
