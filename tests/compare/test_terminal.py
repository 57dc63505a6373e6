import contextlib
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
import unicodedata

import pytest

from tfport import cli, registry
from tfport.compare import terminal
from tfport.compare.sections import sections
from tfport.errors import UserError

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def screen(words, columns, code=0):
    """What a command shows on a terminal of so many columns."""
    master, terminal_end = os.openpty()
    fcntl.ioctl(terminal_end, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    command = [sys.executable, "-m", "tfport", *words]
    process = subprocess.Popen(
        command, stdin=terminal_end, stdout=terminal_end, stderr=terminal_end, env={**environment, "TERM": "xterm"}
    )
    os.close(terminal_end)
    shown = b""
    with contextlib.suppress(OSError):  # Linux's answer at the end
        while part := os.read(master, 65536):
            shown += part
    os.close(master)
    assert process.wait() == code, shown.decode()
    return shown.decode()


def width(line):
    return sum(1 + (unicodedata.east_asian_width(each) in "WF") for each in line if not unicodedata.combining(each))


@pytest.mark.parametrize("columns", [60, 99, 100, 160])
def test_columns_fit_the_screen_and_stack_where_it_is_narrow(columns):
    shown = screen(["compare", "cnn", "--section", "loss"], columns)
    lines = [ESCAPES.sub("", line).rstrip("\r") for line in shown.split("\n")]
    assert max(map(width, lines)) <= columns
    side_by_side = [line for line in lines if "TF1 · legacy_tf1/cnn.py" in line and "Keras · tfport/cnn.py" in line]
    assert bool(side_by_side) is (columns >= terminal.SIDE_BY_SIDE)
    assert "\x1b[" in shown and any("tf.placeholder" in line for line in lines)


def test_notes_are_korean_where_that_is_asked_for():
    shown = screen(["compare", "softmax", "--section", "training", "--language", "ko"], 120)
    assert "플레이스홀더" in shown


def test_a_pipe_gets_whole_lines_and_no_colours(run_python):
    done = run_python("-m", "tfport", "compare", "cnn", "--section", "model")
    assert done.returncode == 0 and "\x1b" not in done.stdout and done.stderr == ""
    (section,) = (each for each in sections(registry.find("cnn")) if each.name == "model")
    for piece in (*section.old, *section.new):
        assert f"{piece.path}:{piece.line}\n{piece.source}\n" in done.stdout
    assert "tf.nn.conv2d -> keras.layers.Conv2D(32, 5, " in done.stdout
    assert screen(["compare", "cnn", "--section", "model", "--plain"], 160).replace("\r", "") == done.stdout


def test_several_pairs_one_after_the_other(capsys):
    assert cli.main(["compare", "softmax", "cnn", "--section", "model"]) == 0
    text = capsys.readouterr().out
    assert text.index("softmax: ") < text.index("cnn: ") and "def softmax" in text


@pytest.mark.parametrize(("words", "sentence"), [
    (["compare"], "takes the name of a pair first"),
    (["compare", "cnnn"], "did you mean cnn"),
    (["compare", "cnn", "--section", "modle"], "did you mean model"),
    (["compare", "cnn", "--language", "fr"], "--language"),
    (["compare", "cnn", "--plain", "--html", "site"], "--section and --plain are for the terminal"),
])  # fmt: skip
def test_mistakes_are_answered_with_one_sentence(words, sentence):
    with pytest.raises(UserError) as caught:
        cli.main(words)
    assert sentence in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_an_audit_is_broken_between_words_on_a_screen(language, tmp_path):
    (tmp_path / "a.py").write_text("import tensorflow as tf\ntf.placeholder(tf.float32)\n")
    shown = screen(["audit", str(tmp_path / "a.py"), "--language", language], 72, code=1)
    lines = [ESCAPES.sub("", line).rstrip() for line in shown.split("\n")]
    assert max(map(width, lines)) <= 72
    assert sum(line.startswith("    ") for line in lines) > 6
