"""What single graph-mode programs print and write, in their tutorials' formats."""

import re

import numpy as np
import pytest

from legacy_tf1 import dnn, hidden, holdout, single_cnn, small_cnn, softmax, summaries, temperature, tf
from tfport.errors import UserError

FAKE = ["--fake_data", "--batch_size", "5"]
# As TensorFlow 2.21 writes them from such a graph (2.15 too).
OF_A_VARIABLE = {f"summaries/{name}" for name in ("mean_1", "stddev_1", "max_1", "min_1", "histogram")}
TAGS = {
    *(f"layer{i}/{part}/{tag}" for i in (1, 2) for part in ("weights", "biases") for tag in OF_A_VARIABLE),
    *(f"{layer}/Wx_plus_b/pre_activations" for layer in ("layer1", "layer2")),
    *(f"{layer}/activations" for layer in ("layer1", "layer2")),
    "dropout/dropout_keep_probability",
    "cross_entropy_1",
    "accuracy_1",
    *(f"input_reshape/input/image/{i}" for i in range(10)),
}  # fmt: skip


def lines(capsys):
    return capsys.readouterr().out.splitlines()


def events(folder):
    (path,) = folder.glob("events*")
    return list(tf.train.summary_iterator(str(path)))


@pytest.mark.rows
def test_summaries_writes_every_tag_of_the_tutorial(tmp_path, capsys):
    summaries.main(["--fake_data", "--max_steps", "101", "--log_dir", str(tmp_path)])
    printed = lines(capsys)
    assert [line.split(":")[0] for line in printed if line.startswith("Accuracy")] == [
        f"Accuracy at step {step}" for step in range(0, 101, 10)
    ]
    assert printed.index("Adding run metadata for 99") == 10
    train, test = events(tmp_path / "train"), events(tmp_path / "test")
    for written in (train, test):
        assert {value.tag for event in written for value in event.summary.value} == TAGS
    assert {event.step for event in train if event.summary.value} == {step for step in range(101) if step % 10}
    assert {event.step for event in test if event.summary.value} == set(range(0, 101, 10))
    assert [event.tagged_run_metadata.tag for event in train if event.HasField("tagged_run_metadata")] == ["step099"]
    assert sum(bool(event.graph_def) for event in train) == 1


def test_summaries_has_the_tutorials_scopes():
    with tf.Graph().as_default() as graph:
        summaries.build(summaries.Config())
        names = {operation.name for operation in graph.get_operations()}
    assert {"input/x-input", "input/y-input", "layer1/activation", "layer2/activation"} <= names
    for scope in ("input_reshape", "dropout", "cross_entropy/total", "train", "accuracy/correct_prediction"):
        assert any(name.startswith(scope + "/") for name in names), scope
    assert any(name.startswith("accuracy/accuracy/") for name in names)


def test_summaries_empties_a_folder_of_events_and_refuses_any_other(tmp_path):
    words = ["--fake_data", "--max_steps", "1", "--batch_size", "5", "--log_dir", str(tmp_path / "log")]
    summaries.main(words)
    earlier = next((tmp_path / "log" / "train").iterdir())
    earlier.write_bytes(b"old")
    summaries.main(words)
    assert [path.read_bytes() != b"old" for path in (tmp_path / "log" / "train").iterdir()] == [True]
    thesis = tmp_path / "log" / "train" / "thesis.txt"
    thesis.write_text("mine")
    with pytest.raises(UserError, match="would be emptied, but holds .*thesis.txt, which is no event file"):
        summaries.main(words)
    assert thesis.read_text() == "mine" and len(list((tmp_path / "log" / "train").iterdir())) == 2


def test_a_link_in_the_summary_folder_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "thesis.txt").write_text("mine")
    log = tmp_path / "log"
    log.mkdir()
    (log / "link").symlink_to(outside)
    with pytest.raises(UserError, match="link"):
        summaries.empty(str(log))
    assert (outside / "thesis.txt").read_text() == "mine" and (log / "link").is_symlink()


def test_flags_of_the_twin_are_answered_with_a_sentence():
    with pytest.raises(UserError, match="takes --max-steps, of which every tenth is an evaluation"):
        summaries.main(["--steps", "3"])


def test_dnn_prints_epochs_accuracy_and_one_image(capsys, monkeypatch, idx_folder):
    reader = dnn.input_data.read_data_sets
    monkeypatch.setattr(dnn.input_data, "read_data_sets", lambda *a, **k: reader(*a, **{**k, "validation_size": 20}))
    reports = dnn.main(["--data_dir", str(idx_folder), "--epochs", "2", "--batch_size", "50"])
    printed = [line for line in lines(capsys) if not line.startswith("Extracting") and "NOT the original" not in line]
    assert [bool(re.fullmatch(pattern, line)) for pattern, line in zip([
        r"Epoch: 0001 cost = \d+\.\d{9}", r"Epoch: 0002 cost = \d+\.\d{9}", r"Learning Finished!",
        r"Accuracy: [01]\.\d+", r"Label:  \[\d\]", r"Prediction:  \[\d\]",
    ], printed, strict=True)] == [True] * 6, printed  # fmt: skip
    assert [report.step for report in reports] == [2, 4, 4]  # 100 images make two batches of 50


def test_small_cnn_prints_start_and_bare_accuracies(capsys):
    small_cnn.main([*FAKE, "--steps", "3", "--every", "2"])
    printed = lines(capsys)
    assert printed[0] == "start...." and len(printed) == 3 and all(0 <= float(line) <= 1 for line in printed[1:])


def test_small_cnn_as_written_evaluates_after_every_step_but_each_hundredth(monkeypatch):
    seen = []
    monkeypatch.setattr(small_cnn, "evaluate", lambda sess, net, mnist, config, step: seen.append(step))

    class Nothing:
        def run(self, *_, **__):
            pass

    class Sets:
        class train:
            next_batch = staticmethod(lambda size, fake_data: ([], []))

    net = small_cnn.Net(*["end"] * 6)
    monkeypatch.setattr(small_cnn, "as_images", lambda batch: batch)
    list(small_cnn.train(Nothing(), net, Sets, small_cnn.Config(steps=205, as_written=True)))
    # The tutorial counts from 0: its steps 0, 100 and 200 are our first, hundred-and-first and two-hundred-and-first.
    assert sorted(set(range(1, 206)) - set(seen)) == [1, 101, 201]
    seen.clear()
    list(small_cnn.train(Nothing(), net, Sets, small_cnn.Config(steps=205)))
    assert seen == [100, 200, 205]


def test_temperature_prints_its_parameters_as_a_column(capsys):
    temperature.main(["--steps", "3", "--report_every", "2"])
    printed = lines(capsys)
    assert [line.split(",")[0] for line in printed[:2]] == ["Step: 2", "Step: 3"] and "Accuracy" not in printed[0]
    assert len(printed) == 7 and printed[2].startswith("[[") and printed[-1].endswith("]]")


def test_hidden_prints_all_digits(capsys):
    (report,) = hidden.main(["--steps", "1"])
    assert lines(capsys) == [f"Step: 1, Loss: {report.loss}, Accuracy: {report.accuracy}"]


def test_softmax_prints_the_accuracy_alone(capsys):
    softmax.main([*FAKE, "--steps", "2"])
    assert [float(line) for line in lines(capsys)] == [1.0]


def test_raw_and_stable_forms_start_from_the_same_loss():
    for module, inputs in ((softmax, (20, 784)), (single_cnn, (20, 784)), (hidden, (20, 2))):
        random = np.random.RandomState(0)
        x = random.rand(*inputs)
        t = np.eye(10)[random.randint(0, 10, 20)] if inputs[1] == 784 else random.randint(0, 2, (20, 1))
        losses = []
        for form in ("raw", "stable"):
            with tf.Graph().as_default(), tf.Session() as session:
                net = module.build(module.Config(loss=form))
                session.run(tf.global_variables_initializer())
                losses.append(session.run(net.loss, {net.x: x, net.t: t}))
        assert losses[0] == pytest.approx(losses[1], rel=1e-5), module


def test_folders_that_cannot_be_written_are_known_before_training(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    for name in ("--figures-dir", "--log-dir"):
        with pytest.raises(UserError, match=f"{name} .*file: cannot be written"):
            temperature.main([name, str(tmp_path / "file")])  # a hundred thousand steps
    assert capsys.readouterr().out == ""


def test_summaries_of_a_part_go_to_its_folder(tmp_path):
    """An epoch's mean cost is one of training, and so is the loss that holdout prints."""
    holdout.main(["--steps", "2", "--report-every", "1", "--log-dir", str(tmp_path / "holdout")])
    dnn.main([*FAKE, "--steps", "2", "--log-dir", str(tmp_path / "dnn")])
    told = {}
    for name in ("holdout", "dnn"):
        for part in ("train", "test"):
            told[name, part] = [
                (event.step, value.tag) for event in events(tmp_path / name / part) for value in event.summary.value
            ]
    assert told["holdout", "train"] == [(1, "loss"), (1, "accuracy"), (2, "loss"), (2, "accuracy")]
    assert told["holdout", "test"] == [(1, "accuracy"), (2, "accuracy")]
    assert told["dnn", "train"] == [(2, "loss")] and told["dnn", "test"] == [(2, "loss"), (2, "accuracy")]


def test_dnn_takes_a_batch_larger_than_its_set():
    reports = dnn.main(["--fake_data", "--batch_size", "10001", "--steps", "2"])
    assert [report.step for report in reports] == [1, 2, 2] and [report.epoch for report in reports[:2]] == [1, 2]


def test_summaries_leaves_the_events_of_another_run_alone(tmp_path):
    other = tmp_path / "log" / "cnn" / "test" / "events.out.tfevents.1"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"mine")
    with pytest.raises(UserError, match="would be emptied, but holds .*cnn, which is no event file"):
        summaries.empty(str(tmp_path / "log"))
    assert other.read_bytes() == b"mine"
