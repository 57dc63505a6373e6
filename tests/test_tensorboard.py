"""``tfport tags`` and ``tfport tensorboard``: what they say of folders and ports that they cannot take."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.conftest import ROOT
from tests.listening import listening, other_address
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


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_server_answers_on_this_machine_alone(run):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "tfport", "tensorboard", str(run("first")), "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        ends = time.monotonic() + 120
        while not any(at == port for _, at in listening(process.pid)) and time.monotonic() < ends:
            assert process.poll() is None
            time.sleep(0.2)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/data/environment", timeout=60) as answer:
            assert answer.status == 200
        found = listening(process.pid)
        assert ("127.0.0.1", port) in found
        assert {address for address, _ in found} <= {"127.0.0.1", "::1"}, found  # its helpers' too
        other = other_address()
        if other is not None:
            with pytest.raises(ConnectionRefusedError), socket.create_connection((other, port), timeout=30):
                pass
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize("word", ["--host", "--host=::", "--bind_all", "--bind-all=true"])
def test_a_server_for_others_is_refused_with_the_way_out(word, run):
    with pytest.raises(UserError, match="opened on this machine alone; from another one forward its port, like: ssh"):
        cli.main(["tensorboard", str(run("first")), *([word, "192.0.2.1"] if word == "--host" else [word])])


@pytest.mark.skipif(os.name != "posix", reason="no pipes and no such names on Windows")
def test_hostile_event_files(run, tmp_path, capsys):
    """Control sequences in tags and names, garbage, a file cut short, a pipe."""
    hostile = "\x1b]0;owned\x07\x1b[2J\nloss"
    old, new = run("old", tag=hostile), run("new", tag="step" + "9" * 5000, part="\x1b[31mtrain")
    for name, content in (("garbage", b"\xff" * 10_000), ("empty", b"")):
        (old / "tb" / f"events.out.tfevents.{name}").write_bytes(content)
    whole = next((old / "tb" / "train").iterdir())
    (old / "tb" / "cut").mkdir()
    (old / "tb" / "cut" / whole.name).write_bytes(whole.read_bytes()[:-7])
    assert cli.main(["tags", str(old), str(new)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(line.isprintable() and len(line) < 600 for line in lines)
    os.mkfifo(pipe := old / "tb" / "events.out.tfevents.pipe")
    for words in (["tags", str(old), str(new)], ["tensorboard", str(old)]):
        with pytest.raises(UserError, match="events.out.tfevents.pipe: is no regular file; move it away"):
            cli.main(words)
    pipe.unlink()
    assert any(re.search(r"\\x1b\]0;owned\\x07\\x1b\[2J\\nloss", line) for line in lines)


def test_folders_are_looked_at_before_tensorflow_is_loaded(run_python, tmp_path):
    code = "import sys; from tfport import cli; from tfport.flags import run; run(lambda: cli.main(sys.argv[1:]))"
    code = f"import atexit, sys; atexit.register(lambda: print('tensorflow' in sys.modules)); {code}"
    for words in (["tags", str(tmp_path), ""], ["tensorboard", str(tmp_path)]):
        done = run_python("-c", code, *words, PYTHONPATH=str(ROOT))
        assert done.returncode == 2 and "holds no event files" in done.stderr and done.stdout == "False\n"
