"""The pair of programs, run as a user runs them."""

import functools
import json
import signal
import subprocess
import sys
import types
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from legacy_tf1 import cnn as legacy
from legacy_tf1 import tf
from tfport import cnn, data
from tfport.errors import UserError

pytestmark = pytest.mark.rows
FAKE = ["--data", "fake", "--steps", "6", "--report-every", "4", "--batch-size", "10"]


def test_keras_program_leaves_a_run_folder_and_a_last_line(tmp_path, capsys):
    result = cnn.main([*FAKE, "--log-dir", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == [str(report) for report in result.reports]
    assert lines[-1].startswith("cnn: test accuracy ") and "FAKE images" in lines[-1]
    assert str(result.folder) in lines[-1] and result.folder.parent == tmp_path
    assert sorted(path.name for path in result.folder.iterdir()) == [
        "checkpoints", "config.json", "figures", "final.weights.h5", "metrics.jsonl", "seconds.json", "tb",
    ]  # fmt: skip
    written = json.loads((result.folder / "config.json").read_text())
    assert written["config"]["steps"] == 6 and written["data"]["source"] == "fake"
    assert written["versions"]["tensorflow"]
    records = [json.loads(line) for line in (result.folder / "metrics.jsonl").read_text().splitlines()]
    assert [record["step"] for record in records] == [4, 6]
    assert matplotlib.image.imread(result.folder / "figures" / "curves.png").ndim == 3
    model = cnn.build(cnn.Config())
    model.load_weights(str(result.folder / "final.weights.h5"))


def test_a_program_copied_out_of_the_repository_still_runs(run_python, tmp_path):
    copy = tmp_path / "my_cnn.py"
    copy.write_text(Path(cnn.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    done = run_python(str(copy), *FAKE, "--log-dir", str(tmp_path / "runs"))
    assert done.returncode == 0 and done.stdout.splitlines()[-1].startswith("cnn: test accuracy"), done.stderr


def test_two_runs_of_one_second_get_two_folders(tmp_path, monkeypatch):
    from tfport.training import runs

    monkeypatch.setattr(runs.time, "strftime", lambda _: "20200101-000000")
    names = [runs._new_folder(tmp_path, "cnn").name for _ in range(3)]
    assert names == ["cnn-20200101-000000", "cnn-20200101-000000-2", "cnn-20200101-000000-3"]


def test_keras_program_repeats_itself(tmp_path):
    runs = [cnn.main(["--data", "synthetic", "--steps", "3", "--log-dir", str(tmp_path), "--seed", "4"]) for _ in "ab"]
    first, second = (run.reports[-1] for run in runs)
    assert first.loss == pytest.approx(second.loss, rel=1e-4)


def test_keep_probability_is_answered_with_a_sentence():
    with pytest.raises(UserError, match="takes --dropout-rate, the probability to drop"):
        cnn.main(["--dropout", "0.5"])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
def test_ctrl_c_ends_with_130_and_keeps_the_folder(tmp_path):
    command = [sys.executable, "-m", "tfport.cnn", "--data", "fake", "--report-every", "5", "--log-dir", str(tmp_path)]
    # A shell that runs the tests in the background has them, and their children, ignore Ctrl-C.
    heard = functools.partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, text=True, preexec_fn=heard) as process:
        assert process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            if line.startswith("Step: 5,"):
                process.send_signal(signal.SIGINT)
                break
        (said,) = [line for line in process.stdout if "stopped by Ctrl-C" in line]
        assert process.stderr.read() == "interrupted\n"
    assert process.returncode == 130
    (folder,) = tmp_path.iterdir()
    assert (folder / "metrics.jsonl").read_text().startswith('{"step": 5,')
    assert said == f"stopped by Ctrl-C; python -m tfport.cnn --resume {folder} goes on from here\n"
    assert list((folder / "checkpoints").glob("step-*.index"))


def test_unwritable_run_folder_is_one_sentence(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(UserError, match="--log-dir .*file: cannot be written"):
        cnn.main([*FAKE, "--log-dir", str(file)])
    assert file.read_text() == "mine"


def test_batch_larger_than_the_training_set(tmp_path):
    with pytest.raises(UserError, match="--batch-size 6000 exceeds the 5000 training images"):
        cnn.main(["--data", "fake", "--batch-size", "6000", "--log-dir", str(tmp_path)])


def test_presets_settle_the_budget_and_flags_overrule_it():
    for config in (cnn.Config, legacy.Config):
        assert (config().steps, config(preset="deep").steps, config(preset="deep", steps=7).steps) == (4000, 20_000, 7)
    assert (legacy.Config().loss, legacy.Config(preset="deep").loss) == ("raw", "stable")


@pytest.mark.parametrize("words", [[], ["--preset", "deep"], ["--loss", "stable"]])
def test_legacy_program_runs_on_fake_data(capsys, words):
    reports = legacy.main(["--fake_data", "--steps", "3", "--report_every", "2", "--batch_size", "10", *words])
    assert capsys.readouterr().out.splitlines() == [str(report) for report in reports]
    assert [report.step for report in reports] == [2, 3]
    assert str(reports[0]).startswith("Step: 2, Loss: ") and np.isfinite(reports[-1].loss)


def test_legacy_program_runs_twice_in_one_process_with_the_same_outcome(idx_folder):
    words = ["--data_dir", str(idx_folder), "--steps", "2", "--batch_size", "10", "--dropout", "0.9"]
    # the reader wants 5,000 rows for validation, and the folder has 120
    with pytest.raises(UserError, match="between 0 and 120"):
        legacy.main(words)
    outcomes = [legacy.main(["--data", "synthetic", *words[2:]]) for _ in range(2)]
    assert outcomes[0][-1].loss == pytest.approx(outcomes[1][-1].loss, rel=1e-4)


def test_legacy_dropout_is_the_probability_to_keep():
    with pytest.raises(UserError, match="this program takes --dropout, TF1's probability to KEEP"):
        legacy.main(["--dropout-rate", "0.5"])


def test_legacy_log_folder_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError, match="--log-dir .*file: cannot be written"):
        legacy.main(["--fake_data", "--steps", "1", "--batch_size", "5", "--log_dir", str(tmp_path / "file")])


@pytest.mark.parametrize(("preset", "dense", "output", "bias"), [("tutorial", 1.0, 0, 0), ("deep", 0.1, 0.1, 0.1)])
def test_legacy_program_starts_at_the_presets_values(preset, dense, output, bias):
    with tf.Graph().as_default(), tf.Session() as session:
        legacy.build(legacy.Config(preset=preset))
        session.run(tf.global_variables_initializer())
        values = session.run(tf.trainable_variables())
    for value, stddev in ((values[0], 0.1), (values[2], 0.1), (values[4], dense), (values[6], output)):
        assert value.std() == pytest.approx(0.8796 * stddev, rel=0.1)
    assert np.all(values[1] == np.float32(0.1)) and np.all(values[7] == np.float32(bias))


def test_raw_and_stable_loss_are_one_function_where_nothing_underflows():
    random = np.random.RandomState(0)
    images, labels = random.rand(20, 784), np.eye(10)[random.randint(0, 10, 20)]
    losses = []
    for form in ("raw", "stable"):
        with tf.Graph().as_default(), tf.Session() as session:
            net = legacy.build(legacy.Config(loss=form))
            session.run(tf.global_variables_initializer())
            # the output layer is zero: every probability is a tenth
            losses.append(session.run(net.loss, {net.x: images, net.t: labels, net.keep_prob: 1.0}))
    assert losses[0] == pytest.approx(20 * np.log(10), rel=1e-5) and losses[1] == pytest.approx(losses[0], rel=1e-5)


def test_legacy_program_writes_summaries_where_asked(tmp_path):
    legacy.main(["--fake_data", "--steps", "1", "--batch_size", "5", "--log_dir", str(tmp_path)])
    (events,) = (tmp_path / "test").glob("events*")
    tags = {value.tag for event in tf.train.summary_iterator(str(events)) for value in event.summary.value}
    assert tags == {"loss", "accuracy"}


def test_legacy_evaluation_sums_losses_and_averages_accuracies_over_four_quarters():
    raw = data.read("synthetic")
    config = legacy.Config(loss="stable")
    from legacy_tf1 import program

    class Test:
        images = raw.test_images[:1000].reshape(1000, 784).astype(np.float32) / 255
        labels = np.eye(10)[raw.test_labels[:1000]]

    class Sets:
        test = Test

    with tf.Graph().as_default(), tf.Session() as session:
        net = legacy.build(config)
        session.run(tf.global_variables_initializer())
        report = legacy.evaluate(session, net, Sets, config, step=5)
        whole = session.run([net.loss, net.accuracy], {net.x: Test.images, net.t: Test.labels, net.keep_prob: 1.0})
    assert [len(images) for images, _ in program.test_parts(Test, config, parts=4)] == [250] * 4
    few = types.SimpleNamespace(images=Test.images[:3], labels=Test.labels[:3])
    assert [len(images) for images, _ in program.test_parts(few, config, parts=4)] == [1] * 3
    assert (report.loss, report.accuracy) == pytest.approx(tuple(float(value) for value in whole), rel=1e-5)
