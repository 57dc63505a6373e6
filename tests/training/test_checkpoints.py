"""A run that was cut off goes on where its last checkpoint was made, and ends as if nothing had happened."""

import contextlib
import dataclasses
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tfport import callbacks, data, holdout, keras, summaries, training
from tfport.errors import UserError
from tfport.training import runs, stretches
from tfport.training.optimizers import value_of
from tfport.training.strategies import create, is_chief
from tfport.versions import keras_generation

FLAGS = ["--data", "mnist", "--batch-size", "20", "--steps", "12", "--report-every", "4", "--dropout-rate", "0.5"]
FLAGS += ["--checkpoint-seconds", "0"]


class At(callbacks.Callback):
    """Does something after a step."""

    def __init__(self, step, act):
        super().__init__()
        self.step, self.act, self.seen = step, act, 0

    def next_due(self, updates, last):
        return self.step if updates < self.step else None

    def on_train_batch_end(self, batch, logs=None):
        self.seen = int(self.model.optimizer.iterations.numpy())
        if self.seen == self.step:
            self.act()


class EveryBatch(keras.callbacks.Callback):
    """Has Keras's own fit take the steps one by one."""

    def on_train_batch_end(self, batch, logs=None):
        pass


def run(*flags, hooks=(), program=summaries):
    """The program."""
    config = program.Config.parse(flags, prog="program", description="")
    name, load = program.__name__.split(".")[1], getattr(program, "load", None)
    with training.start(name, config, program.build, load) as this_run:
        this_run.fit(list(hooks))
        this_run.save()
        this_run.finish()
    return this_run


def cut_off(*flags, at, hooks=(), **options):
    """The folder of a run that SIGTERM ends after a step."""
    with pytest.raises(SystemExit) as left:
        run(*flags, hooks=[*hooks, At(at, lambda: os.kill(os.getpid(), signal.SIGTERM))], **options)
    assert left.value.code == 143
    (folder,) = Path(flags[-1]).iterdir()
    return folder


def equal(one, two):
    for a, b in zip(one.model.get_weights(), two.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    return [report.loss for report in one.reports] == [report.loss for report in two.reports]


@pytest.mark.rows
def test_a_resumed_run_ends_with_equal_weights(digits_folder, tmp_path, capsys):
    flags = [*FLAGS, "--data-dir", str(digits_folder)]
    whole = run(*flags, "--log-dir", str(tmp_path / "whole"))
    folder = cut_off(*flags, "--log-dir", str(tmp_path / "cut"), at=6)
    assert f"stopped by SIGTERM; python -m tfport.summaries --resume {folder} goes on" in capsys.readouterr().out
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 8, "lo')  # what a process writes that is killed there and then
    resumed = run("--resume", str(folder))
    assert resumed.done == 6 and [report.step for report in resumed.reports] == [4, 8, 12]
    assert equal(whole, resumed)
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [line["loss"] for line in lines] == [report.loss for report in whole.reports]
    assert [line["seconds"] for line in lines] == sorted(line["seconds"] for line in lines)


def count(model):
    return tf.cast(value_of(model.optimizer.iterations), tf.float32)


@pytest.mark.filterwarnings("ignore:EveryBatch wants to be called")
def test_step_by_step_a_run_goes_on_between_two_reports_too(digits_folder, tmp_path):
    flags = [*FLAGS, "--data-dir", str(digits_folder)]
    measured = [callbacks.EveryStep(count, traced=True) for _ in range(3)]
    whole = run(*flags, "--log-dir", str(tmp_path / "whole"), hooks=[EveryBatch(), measured[0]])
    folder = cut_off(*flags, "--log-dir", str(tmp_path / "cut"), at=6, hooks=[EveryBatch(), measured[1]])
    resumed = run("--resume", str(folder), hooks=[EveryBatch(), measured[2]])
    assert [float(each) for each in measured[0].values] == [*range(1, 13)]
    assert [float(each) for each in measured[2].values] == [*range(1, 13)]
    assert resumed.done == 6 and [report.step for report in resumed.reports] == [4, 8, 12]
    assert [report.seconds for report in resumed.reports] == sorted(report.seconds for report in resumed.reports)
    assert equal(whole, resumed)


def test_what_was_measured_after_every_step_goes_on(tmp_path):
    flags = ["--steps", "30", "--report-every", "12"]
    whole = holdout.main([*flags, "--log-dir", str(tmp_path / "whole")])
    config = holdout.Config.parse([*flags, "--log-dir", str(tmp_path / "cut")], prog="holdout", description="")
    ends = At(17, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with (
        pytest.raises(SystemExit),
        training.start("holdout", config, holdout.build, holdout.load, holdout.Report) as this_run,
    ):
        fit = this_run.fit
        this_run.fit = lambda hooks, report: fit([*hooks, ends], report)
        holdout.train(this_run)
    resumed = holdout.Config.parse(["--resume", str(this_run.folder)], prog="holdout", description="")
    with training.start("holdout", resumed, holdout.build, holdout.load, holdout.Report) as this_run:
        assert this_run.done == 17
        curves = holdout.train(this_run)
    assert curves.shape == (30, 2) and [report.step for report in this_run.reports] == [12, 24, 30]
    known = [(report.train_accuracy, report.accuracy) for report in whole.reports]
    np.testing.assert_allclose(curves[[11, 23, 29]], known, rtol=1e-6)


def test_a_run_resumed_after_its_end_has_nothing_to_do(digits_folder, tmp_path):
    first = run(*FLAGS, "--steps", "10", "--data-dir", str(digits_folder), "--log-dir", str(tmp_path / "runs"))
    again = run("--resume", str(first.folder))
    assert again.done == 10 and [report.step for report in again.reports] == [4, 8, 10]
    assert equal(first, again)


def test_a_damaged_checkpoint_is_passed_over(digits_folder, tmp_path, capsys):
    flags = [*FLAGS, "--data-dir", str(digits_folder)]
    first = run(*flags, "--log-dir", str(tmp_path / "runs"))
    folder = first.folder / "checkpoints"
    assert len(list(folder.glob("*.index"))) == 2, "the one before the last is kept"
    (data,) = folder.glob("step-12.data*")
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.write_bytes(content)
    again = run("--resume", str(first.folder))
    assert "step-12: is damaged" in capsys.readouterr().out
    assert again.done < 12 and equal(first, again)
    # It is out of the way of those that follow, and kept all the same.
    assert (folder / "damaged-step-12.index").exists()
    assert run("--resume", str(first.folder)).done == 12
    assert "is damaged" not in capsys.readouterr().out


def test_what_a_killed_process_left_half_done_is_neither_taken_nor_in_the_way(digits_folder, tmp_path):
    flags = [*FLAGS, "--data-dir", str(digits_folder)]
    folder = cut_off(*flags, "--log-dir", str(tmp_path / "cut"), at=6) / "checkpoints"
    (folder / "part-1").mkdir()
    (folder / "part-1" / "step-9.index").write_bytes(b"half")
    for name in ("step-9.data-00000-of-00001", "step-9.json"):  # renamed, but for the index, which comes last
        (folder / name).write_bytes(b"half")
    (folder / "notes.txt").write_text("mine")
    assert run("--resume", str(folder.parent)).done == 6
    names = {path.name for path in folder.iterdir()}
    assert "notes.txt" in names and not names & {"part-1", "step-9.json", "step-9.data-00000-of-00001"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no sizes of files")
def test_a_disk_that_takes_no_more_leaves_the_checkpoint_before(digits_folder, tmp_path):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    flags = [*FLAGS, "--data-dir", str(digits_folder), "--log-dir", str(tmp_path)]
    full = At(6, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1])))
    try:
        with pytest.raises(
            UserError, match=r"the checkpoint of step \d+ cannot be written .* is whole; make room, and"
        ):
            run(*flags, hooks=[full])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    (folder,) = tmp_path.iterdir()
    assert not list((folder / "checkpoints").glob("part-*"))
    whole = run(*flags[:-1], str(tmp_path / "whole"))
    resumed = run("--resume", str(folder))
    assert 0 < resumed.done <= 6 and equal(whole, resumed)


@pytest.mark.filterwarnings("ignore:EveryBatch wants to be called")
@pytest.mark.parametrize("hooks", [[], [EveryBatch()]], ids=["fast", "step by step"])
def test_a_loss_that_is_not_finite_stops_the_run(digits_folder, tmp_path, hooks):
    flags = [*FLAGS, "--data-dir", str(digits_folder), "--log-dir", str(tmp_path)]

    def ruin(layer):
        weights = breaks.model.trainable_variables[layer]
        weights.assign(np.full(weights.shape, np.nan, np.float32))

    breaks = At(6, lambda: ruin(-1))
    with pytest.raises(UserError, match=r"step 7: the loss is not finite \(nan\).* a smaller --learning-rate") as told:
        run(*flags, hooks=[breaks, *hooks])
    (folder,) = tmp_path.iterdir()
    kept = folder / "checkpoints" / "step-5"
    assert f"the last good checkpoint is {kept};" in str(told.value)
    config = summaries.Config.parse(flags, prog="", description="")
    number = len(data.load("mnist", str(digits_folder)).train)
    (rows,) = stretches.rows_of(number, config, range(6, 7))
    assert str(told.value).endswith(f"images {', '.join(map(str, rows))} of the training set")
    # The first layer's ReLU may take NaN for 0, and the training loss stay finite: an evaluation shows it.
    breaks = At(6, lambda: ruin(0))
    with pytest.raises(UserError, match=r"step [78]: the loss( on the test set)? is not finite \(nan\)"):
        run(*flags, hooks=[breaks, *hooks])


def test_a_run_in_training_is_not_resumed_by_another(digits_folder, tmp_path):
    flags = [*FLAGS, "--data-dir", str(digits_folder), "--log-dir", str(tmp_path)]
    config = summaries.Config.parse(flags, prog="", description="")
    with (
        training.start("summaries", config, summaries.build) as this_run,
        pytest.raises(UserError, match="is in training, by another process; wait for it or end it"),
    ):
        run("--resume", str(this_run.folder))


def test_what_cannot_be_resumed_is_said_in_one_sentence(digits_folder, tmp_path):
    made = run(*FLAGS, "--data-dir", str(digits_folder), "--log-dir", str(tmp_path / "runs")).folder
    with pytest.raises(UserError, match=r"--resume .*holds no config.json of a run"):
        run("--resume", str(tmp_path))
    with pytest.raises(UserError, match=r"--batch-size: a resumed run keeps its own flags; leave it out"):
        run("--resume", str(made), "--batch-size", "30")
    with pytest.raises(UserError, match=r"--resume .* is a run of summaries, not of softmax"):
        from tfport import softmax

        softmax.main(["--resume", str(made)])
    for index in (made / "checkpoints").glob("*.index"):
        index.write_bytes(b"torn")
    with pytest.raises(UserError, match=r"--log-dir .*runs\[1\]: TensorFlow finds no checkpoint below a name with \["):
        run(*FLAGS, "--data-dir", str(digits_folder), "--log-dir", str(tmp_path / "runs[1]"))
    kept = json.loads((made / "config.json").read_text())
    (made / "config.json").write_text(json.dumps({**kept, "keras": 5 - keras_generation()}))
    with pytest.raises(UserError, match=r"is a run of Keras \d; (un)?set TFPORT_KERAS"):
        run("--resume", str(made))
    (made / "config.json").write_text(json.dumps(kept))
    with pytest.raises(UserError, match="cannot be restored, it is broken or of another model"):
        run("--resume", str(made))
    shutil.rmtree(made / "checkpoints")
    before = sorted((path, path.stat().st_mtime_ns) for path in made.rglob("*"))
    with pytest.raises(UserError, match="its checkpoints are gone; start a new run"):
        run("--resume", str(made))
    assert sorted((path, path.stat().st_mtime_ns) for path in made.rglob("*")) == before


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


def test_keras_backup_and_restore_takes_steps_twice_and_ends_elsewhere(tmp_path):
    """The peer of --resume, for README's comparison: 60 steps in three epochs, cut off in the second."""
    x = np.random.default_rng(0).normal(size=(2000, 20)).astype(np.float32)

    def trained(backup, cut_at=0):
        keras.utils.set_random_seed(1)
        layers = keras.layers
        model = keras.Sequential([layers.Input((20,)), layers.Dense(32, "relu"), layers.Dropout(0.5), layers.Dense(1)])
        model.compile("adam", "mse")
        taken = []

        class Counts(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                taken.append(batch)
                if len(taken) == cut_at:
                    raise InterruptedError

        hooks = [Counts(), *([keras.callbacks.BackupAndRestore(str(tmp_path))] if backup else [])]
        with contextlib.suppress(InterruptedError):
            model.fit(x, x[:, :1], batch_size=100, epochs=3, verbose=0, callbacks=hooks)
        return model.get_weights(), len(taken)

    whole, steps = trained(backup=False)
    _, before = trained(backup=True, cut_at=33)
    resumed, after = trained(backup=True)
    assert (steps, before, after) == (60, 33, 40)
    assert not all(np.array_equal(one, two) for one, two in zip(whole, resumed, strict=True))


def test_what_auto_found_is_what_a_resumed_run_takes(tmp_path, monkeypatch, mnist_dir):
    """Begun without MNIST, on synthetic digits; meanwhile MNIST has come."""
    config = {"program": "summaries", "data": {"source": "synthetic", "sha256": "0" * 64, "origin": "a test"}}
    own = dataclasses.asdict(summaries.Config())
    (tmp_path / "config.json").write_text(json.dumps({**config, "config": own}))
    monkeypatch.setenv("TFPORT_MNIST_DIR", mnist_dir)
    kept, taken = runs._of_run(tmp_path, "summaries", summaries.Config(resume=str(tmp_path)))
    assert own["data"] == "auto" and taken.data == "synthetic" and kept["data"] == config["data"]


def test_a_resumed_run_takes_the_same_kernels(digits_folder, tmp_path, monkeypatch):
    """XLA takes most steps here, and a callback that wants to see the graph must not take one from it."""
    monkeypatch.setattr(stretches, "XLA_SECONDS", 0.0)
    flags = [*FLAGS, "--steps", "40", "--report-every", "20", "--data-dir", str(digits_folder)]

    def hooks(folder):
        return [callbacks.Graph(folder), callbacks.Profile(folder, {30}), callbacks.Scalars(folder, 10)]

    attends = At(15, lambda: None)  # as what ends the other run does
    whole = run(*flags, "--log-dir", str(tmp_path / "whole"), hooks=[*hooks(tmp_path / "one"), attends])
    folder = cut_off(*flags, "--log-dir", str(tmp_path / "cut"), at=15, hooks=hooks(tmp_path / "two"))
    alone = []
    attended = stretches.Steps.attended
    monkeypatch.setattr(stretches.Steps, "attended", lambda self, done: alone.append(done + 1) or attended(self, done))
    resumed = run("--resume", str(folder), hooks=hooks(tmp_path / "two"))
    assert resumed.done == 15 and alone == [20, 30, 40] and equal(whole, resumed)
