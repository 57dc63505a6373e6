"""``tfport tags`` and ``tfport tensorboard``: what they say of folders and ports that they cannot take."""

import socket
import sys

import pytest

from tfport import cli, tensorboard
from tfport.errors import UserError


@pytest.fixture
def run(tmp_path):
    """A run folder with an event file of a few scalars."""

    def make(name, steps=3, tag="loss", part="train"):
        import tensorflow as tf

        folder = tmp_path / name
        with tf.summary.create_file_writer(str(folder / "tb" / part)).as_default():
            for step in range(steps):
                serialized = tf.raw_ops.ScalarSummary(tags=tag, values=tf.constant(1.0 + step))
                tf.summary.experimental.write_raw_pb(serialized, step=step)
        return folder

    return make


def test_tags_leaves_with_1_where_runs_differ(run, capsys):
    old, same, fewer, other = run("old"), run("same"), run("fewer", steps=2), run("other", tag="cost")
    assert cli.main(["tags", str(old), str(same)]) == 0
    assert "1 tags: 1 equal, 0 differ by design, 0 differ otherwise" in capsys.readouterr().out
    assert cli.main(["tags", str(old), str(fewer)]) == 1
    table = capsys.readouterr().out
    assert "scalar, 3 steps" in table and "scalar, 2 steps" in table and "DIFFERENT" in table
    assert cli.main(["tags", str(old), str(other)]) == 1
    assert "2 tags: 0 equal, 0 differ by design, 2 differ otherwise" in capsys.readouterr().out


def test_what_differs_by_design_is_shown_with_its_reason(run, capsys):
    old, new = run("old"), run("new")
    run("new", tag="learning_rate", part="train")
    assert cli.main(["tags", str(old), str(new)]) == 0
    assert "by design: an addition of the port" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["tags"], ["tags", "one"], ["tags", "one", "two", "three"], ["tags", "one", "--two"]]
)
def test_tags_takes_two_folders(words):
    with pytest.raises(UserError, match="takes two folders"):
        cli.main(words)


def test_folders_without_events_are_named(run, tmp_path):
    with pytest.raises(UserError, match="nowhere: holds no event files"):
        cli.main(["tags", str(run("old")), str(tmp_path / "nowhere")])
    with pytest.raises(UserError, match="nowhere: holds no event files"):
        cli.main(["tensorboard", str(tmp_path / "nowhere")])
    with pytest.raises(UserError, match="takes the folders of runs first"):
        cli.main(["tensorboard", "--port", "7000"])


def test_runs_are_named_by_their_folders(run, tmp_path):
    first, second = run("first"), run("second")
    assert tensorboard.server_words([str(first)]) == ["--logdir", str(first / "tb")]
    assert tensorboard.server_words([str(first), str(second)]) == [
        "--logdir_spec", f"first:{first / 'tb'},second:{second / 'tb'}"
    ]  # fmt: skip
    for parent in ("a", "b"):
        (tmp_path / parent).mkdir()
        run(f"{parent}/same")
    words = tensorboard.server_words([str(tmp_path / "a" / "same"), str(tmp_path / "b" / "same")])
    assert words[1].startswith("a/same:") and ",b/same:" in words[1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no colon in a name")
def test_a_folder_that_tensorboard_cannot_take_among_several(run):
    with pytest.raises(UserError, match="takes no comma and no colon"):
        tensorboard.server_words([str(run("first")), str(run("a,b"))])
    assert tensorboard.server_words([str(run("a:b"))])


def test_a_port_that_is_taken_is_one_sentence(run_python, run):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        done = run_python("-m", "tfport", "tensorboard", str(run("first")), "--port", str(port))
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"error: --port {port} is taken") and f"http://localhost:{port}/" in done.stderr


def test_help_of_both(capsys):
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert "tfport tensorboard RUN..." in text and "tfport tags OLD NEW" in text
    with pytest.raises(SystemExit) as stop:
        cli.main(["tensorboard", "--help"])
    assert stop.value.code == 0 and "--port N" in capsys.readouterr().out
