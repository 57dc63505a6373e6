"""``tfport audit``: what it finds, and what it does not make up."""

import ast
import json
import re

import pytest

from tests.conftest import ROOT
from tfport import audit, cli, registry
from tfport.errors import UserError

ROWS = registry.tutorials()


def found(source, path, name="script.py"):
    (path / name).write_text(source, encoding="utf-8")
    return [(each.line, each.construct, each.status) for each in audit.audit(path / name)]


def by_eye(source):
    """(line, dotted name) of every use of tf in a program, found in another way: by its text, line by line."""
    text = re.sub(r'"""(?:.|\n)*?"""', lambda match: "\n" * match[0].count("\n"), source)
    uses = set()
    for number, line in enumerate(text.splitlines(), 1):
        code = re.sub(r'"[^"]*"', '""', line.split("  #")[0])
        if code.lstrip().startswith(("#", "from ", "import ")):
            continue
        uses |= {(number, name) for name in re.findall(r"(?<![\w.])tf(?:\.\w+)+", code)}
        uses |= {(number, f".{name}") for name in re.findall(r"(?<=\w)\.(next_batch|minimize|add_summary)\(", code)}
        uses |= {(number, ".run") for _ in re.findall(r"\bsess(?:ion)?\.run\(", code)}
        uses |= {(number, f"{name}=") for name in re.findall(r"\b(feed_dict|one_hot|gate_gradients)=(?!=)", code)}
    return uses


@pytest.mark.parametrize("name", ROWS)
def test_every_construct_of_the_eleven_is_found_and_none_made_up(name):
    path = ROOT / f"{ROWS[name].legacy.replace('.', '/')}.py"
    source = path.read_text(encoding="utf-8")
    there = [(each.line, each.construct) for each in audit.audit(path)]
    seen = by_eye(source)
    missed = {
        (line, construct)
        for line, construct in seen
        if not any(place == line and (construct == one or construct.startswith(f"{one}.")) for place, one in there)
    }
    assert missed == set()
    lines = source.splitlines()
    strings = {
        (node.lineno, node.end_lineno)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value
    }
    for line, construct in there:
        assert construct.strip(".=").rpartition(".")[2] in lines[line - 1], (line, construct)
        assert not any(first <= line <= last for first, last in strings), f"line {line} is text"
    counted = {(line, one) for line, one in there if one.startswith("tf.")}
    assert len(counted) <= len({each for each in seen if each[1].startswith("tf.")})


def test_names_that_imports_give_are_followed(tmp_path):
    source = """\
import tensorflow.compat.v1 as t
import tensorflow.contrib.layers as layers
from tensorflow import placeholder as hole, nn
from tensorflow.examples.tutorials.mnist import input_data as data
import pandas, subprocess

x = hole(t.float32)
h = layers.fully_connected(x, 3)
digits = data.read_data_sets("d")
digits.train.next_batch(3)
s = t.Session()
s.run(nn.dropout(h, 0.5))
subprocess.run(["x"])
pandas.DataFrame().eval("a")
note = "tf.placeholder"  # tf.Session
"""
    uses = found(source, tmp_path)
    wanted = {
        4: ["tensorflow.examples.tutorials.mnist.input_data"],
        7: ["tf.placeholder"],
        8: ["tf.contrib.layers.fully_connected"],
        9: ["input_data.read_data_sets"],
        10: ["mnist.train", ".next_batch"],
        11: ["tf.Session"],
        12: [".run", "tf.nn.dropout"],
    }
    assert {(line, name) for line, names in wanted.items() for name in names} <= {
        (line, name) for line, name, _ in uses
    }
    assert not any(line in (13, 14, 15) for line, _, _ in uses)


def test_names_that_the_ledger_does_not_tell_of_have_a_status(tmp_path):
    names = ["nn.dynamic_rnn", "contrib.crf.x", "nn.relu6", "train.AdagradOptimizer.minimize"]
    source = "import tensorflow as tf\n" + "".join(f"tf.{name}\n" for name in names)
    assert found(source, tmp_path) == [
        (2, "tf.nn.dynamic_rnn", "v1 only"), (3, "tf.contrib.crf.x", "gone"), (4, "tf.nn.relu6", "kept"),
        (5, "tf.train.AdagradOptimizer.minimize", "v1 only"),
    ]  # fmt: skip


def test_notebooks_folders_and_python_2(tmp_path, capsys):
    cells = [
        {"cell_type": "markdown", "source": ["tf.placeholder"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import tensorflow as tf\n"]},
        {"cell_type": "code", "source": "!pip install x\nx = tf.placeholder(tf.float32)"},
        {"cell_type": "code", "source": "%%bash\nls | wc"},
    ]
    (tmp_path / "book.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "old.py").write_text("import tensorflow as tf\nprint 'x', tf.log(1.)\n")
    (tmp_path / "broken.py").write_text("def (:\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "no.py").write_text("import tensorflow as tf\ntf.log(1.)\n")
    assert cli.main(["audit", str(tmp_path), "--format", "json"]) == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    places = [(each["file"].rpartition("/")[2], each["cell"], each["line"]) for each in told["findings"]]
    assert places == [("book.ipynb", 2, 2), ("book.ipynb", 2, 2), ("old.py", 0, 2)]
    assert [each["construct"] for each in told["findings"]] == ["tf.placeholder", "tf.float32", "tf.log"]
    assert list(told["unread"]) == [str(tmp_path / "broken.py")] and "broken.py:1: cannot be parsed" in shown.err


def test_the_answer_in_words(tmp_path, capsys):
    (tmp_path / "a.py").write_text(
        "import tensorflow as tf\nx = tf.placeholder(tf.float32)\ny = tf.placeholder(tf.int64)\n"
    )
    assert cli.main(["audit", str(tmp_path / "a.py")]) == 1
    out = capsys.readouterr().out
    assert f"{tmp_path / 'a.py'}:2:5: tf.placeholder -> keras.Input((784,))" in out
    assert out.count("Left a place in the graph") == 1 and "tfport compare" in out
    assert out.splitlines()[-1] == "4 uses of 3 constructs of TensorFlow 1 in 1 source."
    assert cli.main(["audit", str(tmp_path / "a.py"), "--language", "ko"]) == 1
    assert re.search("[가-힣]", capsys.readouterr().out)
    (tmp_path / "b.py").write_text("import numpy as np\n")
    assert cli.main(["audit", str(tmp_path / "b.py")]) == 0
    assert capsys.readouterr().out == "Nothing of TensorFlow 1 in 1 source.\n"


@pytest.mark.parametrize(("words", "sentence"), [
    ([], "takes scripts, notebooks or folders first"),
    (["nowhere.py"], "nowhere.py: no such file or folder"),
    (["pyproject.toml"], "neither a script"),
])  # fmt: skip
def test_mistakes(words, sentence, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(UserError, match=sentence):
        cli.main(["audit", *words])


def test_nothing_is_imported_not_even_tensorflow(run_python, tmp_path):
    (tmp_path / "mine.py").write_text("import tensorflow as tf\ntf.nn.dynamic_rnn\nopen('ran', 'w')\n")
    code = "import sys; from tfport import cli; cli.main(['audit', 'mine.py']); print('tensorflow' in sys.modules)"
    done = run_python("-c", f"import os; os.chdir({str(tmp_path)!r}); {code}", PYTHONPATH=str(ROOT))
    assert done.stdout.splitlines()[-1] == "False" and not (tmp_path / "ran").exists(), done.stderr
