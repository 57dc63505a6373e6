"""``tfport audit``: what it finds, and what it does not make up."""

import json
import os
import re

import pytest

from tests.conftest import ROOT
from tfport import audit, cli, registry
from tfport.errors import UserError

ROWS = registry.tutorials()


def found(source, path, name="script.py"):
    (path / name).write_text(source, encoding="utf-8")
    return [(each.line, each.construct, each.status) for each in audit.audit(path / name)]


# How sources write what the ledger tells of, for an eye that knows no syntax.
WRITTEN = {
    r"(?<![\w.])(tf(?:\.\w+)+)": "{}",
    r"(?<![\w.])(input_data\.read_data_sets|mnist\.(?:train|validation|test)(?:\.images|\.labels)?)\b": "{}",
    r"(?<=[\w)\]])\.(next_batch|minimize|add_summary|add_run_metadata)\(": ".{}",
    r"\.(num_examples)\b": ".{}",
    r"\bsess(?:ion)?\.(run)\(": ".{}",
    r"\b(feed_dict|keep_prob|one_hot|fake_data|gate_gradients|run_metadata)=(?!=)": "{}=",
    r"(?<![\w.])(feed_dict|keep_prob) = ": "{}=",
    r"^\s*(keep_prob): ": "{}=",
}


def by_eye(source):
    """(line, dotted name) of every use of TensorFlow in a program, found in another way: by its text, line by line."""
    text = re.sub(r'"""(?:.|\n)*?"""', lambda match: "\n" * match[0].count("\n"), source)
    uses = []
    for number, line in enumerate(text.split("\n"), 1):
        code = re.sub(r'"[^"]*"', '""', line.split("  #")[0])
        if not code.lstrip().startswith(("#", "from ", "import ")):
            uses += [(number, form.format(name)) for how, form in WRITTEN.items() for name in re.findall(how, code)]
    return uses


@pytest.mark.parametrize("name", ROWS)
def test_every_construct_of_the_eleven_is_found_and_none_made_up(name):
    path = ROOT / f"{ROWS[name].legacy.replace('.', '/')}.py"
    missed = by_eye(path.read_text(encoding="utf-8"))
    made_up = []
    for use in audit.audit(path):
        there = [(line, one) for line, one in missed if line == use.line and f"{one}.".startswith(f"{use.construct}.")]
        if there:
            missed.remove(there[0])
        else:
            made_up.append(use)
    assert (missed, made_up) == ([], [])


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


def test_names_that_the_ledger_does_not_tell_of_have_a_status_and_an_heir(tmp_path):
    wanted = {
        "nn.dynamic_rnn": ("v1 only", "keras.layers.RNN", ""),
        "contrib.crf.x": ("gone", "tfa.text.crf_log_likelihood", ""),
        "contrib.layers.flatten": ("gone", "keras.layers.Flatten", ""),
        "contrib.slim.fully_connected": ("gone", "keras.layers.Dense", ""),
        "contrib.rnn.BasicLSTMCell": ("gone", "keras.layers.LSTMCell", ""),
        "contrib.rnn.AttentionCellWrapper": ("gone", "keras.layers.RNN with a cell", ""),
        "contrib.metrics.streaming_auc": ("gone", "keras.metrics", ""),
        "nn.relu6": ("kept", "tf.nn.relu6", ""),
        "float16.max": ("kept", "tf.float16.max", ""),
        "nn.moments": ("changed", "tf.nn.moments", ""),
        "train.AdagradOptimizer.minimize": ("v1 only", "keras.optimizers.Adagrad", ""),
        "mul": ("gone", "tf.multiply", "tf.multiply"),
        "sub": ("gone", "tf.subtract", "tf.subtract"),
        "initialize_variables": ("v1 only", "nothing: no longer needed", ""),
        "batch_matrix_inverse": ("gone", "tf.linalg.inv", "tf.linalg.inv"),
        "is_nan": ("v1 only", "tf.math.is_nan", "tf.math.is_nan"),
        "parse_example": ("v1 only", "tf.io.parse_example", "tf.io.parse_example"),
        "keras.layers.Dense": ("kept", "tf.keras.layers.Dense", ""),
        "keras.estimator.model_to_estimator": ("gone", "keras.Model.fit", ""),
        "keras.backend.set_session": ("gone", "nothing: no longer needed", ""),
        "python.framework.ops.Tensor": ("kept", "tf.python.framework.ops.Tensor", ""),
        "core.framework.graph_pb2.GraphDef": ("kept", "tf.core.framework.graph_pb2.GraphDef", ""),
        "python.ops.rnn_cell_of_old": ("gone", "", ""),
        "nothing_of_this_name": ("gone", "", ""),
        # of the ledger
        "log": ("v1 only", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)", "tf.math.log"),
        "scalar_summary": ("gone", "callbacks.Scalars(log_dir, every=10)", ""),
        "initialize_all_variables": ("v1 only", "nothing: no longer needed", ""),
        "matmul": ("kept", "keras.layers.Dense(10)", ""),
        "nn.dropout": ("changed", "keras.layers.Dropout(0.5)", ""),
    }
    (tmp_path / "a.py").write_text("import tensorflow as tf\n" + "".join(f"tf.{name}\n" for name in wanted))
    told = audit.audit(tmp_path / "a.py")
    assert [each.construct for each in told] == [f"tf.{name}" for name in wanted]
    for each, (status, heir, today) in zip(told, wanted.values(), strict=True):
        assert (each.status, each.heir.split(" of the package")[0], each.today) == (status, heir, today), each.construct


TF2 = """\
import tensorflow as tf
import tensorflow_datasets as tfds
import onnxruntime
from tensorflow.keras.layers import Dense

data, info = tfds.load("mnist", with_info=True)
print(info.splits["train"].num_examples)
pairs = tf.data.Dataset.from_tensor_slices(([1.0], [1])).map(lambda x, y: (x, tf.one_hot(y, 10)))
model = tf.keras.Sequential([Dense(10, activation=tf.nn.relu), tf.keras.layers.Dropout(0.5)])
weight = tf.Variable(tf.zeros([3, 3]))
one_hot = tf.one_hot([1], 10)
keep_prob = 0.5


@tf.function
def step(x):
    with tf.GradientTape() as tape, tf.name_scope("x"):
        loss = tf.reduce_mean(tf.cast(tf.argmax(tf.nn.dropout(x @ weight, rate=1 - keep_prob), 1), tf.float32))
    tf.summary.scalar("loss", loss, step=1)
    return tape.gradient(loss, weight)


tf.keras.optimizers.Adam().minimize(lambda: 1.0, [weight])
session = onnxruntime.InferenceSession("x")
session.run(None, {})
tf.train.Checkpoint(model=model).save("x")
tf.config.experimental.set_memory_growth(tf.config.list_physical_devices("GPU")[0], True)
"""


def test_a_script_of_tensorflow_2_comes_out_clean(tmp_path, capsys):
    (tmp_path / "new.py").write_text(TF2)
    assert cli.main(["audit", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "Nothing of TensorFlow 1; sources read: 1.\n"
    assert cli.main(["audit", str(tmp_path), "--all", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)["findings"]
    assert {each["status"] for each in told} == {"kept", "changed"}
    changed = {each["construct"] for each in told if each["status"] == "changed"}
    assert changed >= {"tf.nn.dropout", "tf.Variable", "tf.summary.scalar"}
    assert not changed & {"tf.nn.relu", "tf.zeros", "tf.cast"}
    # The same with one line of TensorFlow 1: then what stands beside it is told of.
    (tmp_path / "new.py").write_text(TF2 + "tf.placeholder(tf.float32)\n")
    assert cli.main(["audit", str(tmp_path), "--format", "json"]) == 1
    told = {each["construct"]: each["status"] for each in json.loads(capsys.readouterr().out)["findings"]}
    assert told["tf.placeholder"] == "v1 only" and told["tf.nn.relu"] == "kept" and "keep_prob=" in told


@pytest.mark.parametrize("line", [
    "from tensorflow.compat.v1 import *",
    "import tensorflow.compat.v1 as tf1",
    "import tensorflow as tf; tf.compat.v1.nn.relu",
    "import tensorflow as tf; old = tf.compat.v1; old.Session",
    "import tensorflow as tf; tf.reduce_sum(1, reduction_indices=0)",
    "import tensorflow as tf; tf.nn.dropout(1, keep_prob=0.5)",
    "import tensorflow as tf; print(op.eval(feed_dict={}))",
    "from mine import tf; tf.Session()",
    "from mine import *; tf.Session()",
    "import input_data; input_data.read_data_sets('d')",
])  # fmt: skip
def test_one_line_is_enough_of_tensorflow_1(line, tmp_path):
    assert {status for *_, status in found(line, tmp_path)} & set(audit.OF_TF1)


@pytest.mark.parametrize("source", [
    "tf.log(1.0); sess.run(x, feed_dict={}); mnist.train.next_batch(3); a.minimize(b)",
    "import tf; tf.TransformListener()",
    "import torch as tf; tf.log(1.0)",
    "from .tensorflow import placeholder; placeholder(3)",
    "from numpy import *; log(placeholder)",
    "import tensorflow as tf\n# tf.placeholder\n'tf.Session'\nf'tf.log'",
    "import tensorflow_hub, tensorflow.keras as k\nk.layers.Dense(3)",
    "from tensorflow import summary\ndef log(summary): return summary.FileWriter",
])  # fmt: skip
def test_what_is_not_of_tensorflow_is_none(source, tmp_path):
    assert [each for each in found(source, tmp_path) if each[2] in audit.OF_TF1] == []


def test_an_import_of_everything_is_followed(tmp_path):
    source = """\
from tensorflow import *
import numpy as np
x = placeholder(float32)
session = Session()
session.run(layers.dense(x, 3), feed_dict={x: np.zeros(3)})
for number in range(3):
    print(number, mul(x, unknown))
log = 3
print(log)
"""
    seen = {(line, name) for line, name, _ in found(source, tmp_path)}
    assert seen == {
        (3, "tf.placeholder"), (3, "tf.float32"), (4, "tf.Session"), (5, ".run"), (5, "tf.layers.dense"),
        (5, "feed_dict="), (7, "tf.mul"),
    }  # fmt: skip
    source = "from tensorflow.contrib.layers import *\nfully_connected(max(1, 2), 3)\n"
    assert [each[:2] for each in found(source, tmp_path)] == [
        (1, "tf.contrib.layers"), (2, "tf.contrib.layers.fully_connected"),
    ]  # fmt: skip


def test_a_name_that_means_two_things_is_not_followed(tmp_path):
    source = """\
import tensorflow as tf
slim = tf.contrib.slim
conv = tf.layers.conv2d
conv = 3
slim.conv2d(conv)
"""
    assert [(line, name) for line, name, _ in found(source, tmp_path)] == [
        (2, "tf.contrib.slim"), (3, "tf.layers.conv2d"), (5, "tf.contrib.slim.conv2d"),
    ]  # fmt: skip


def test_notebooks_folders_and_python_2(tmp_path, capsys):
    cells = [
        {"cell_type": "markdown", "source": ["tf.placeholder"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import tensorflow as tf\n"]},
        {"cell_type": "code", "source": "!pip install x\nx = tf.placeholder(tf.float32)"},
        {"cell_type": "code", "source": "%%bash\nls | wc"},
        {"cell_type": "code", "source": "for i in range(3)\r\n  broken"},
        {"cell_type": "code", "source": "y = 3\r\n%time tf.log(x)"},
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
    assert places == [("book.ipynb", 2, 2), ("book.ipynb", 2, 2), ("book.ipynb", 5, 2), ("old.py", 0, 2)]
    assert [each["construct"] for each in told["findings"]] == ["tf.placeholder", "tf.float32", "tf.log", "tf.log"]
    assert list(told["unread"]) == [f"{tmp_path / 'book.ipynb'}:cell 4", str(tmp_path / "broken.py")]
    assert (
        "book.ipynb: cell 4 cannot be parsed; the others are audited" in shown.err
        and "broken.py:1: cannot be parsed" in shown.err
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes and links, which Windows lacks")
def test_what_cannot_be_read_is_one_sentence_and_the_rest_is_audited(tmp_path, capsys):
    sources = {
        "deep.py": b"(" * 5000 + b")" * 5000,
        "long.py": b"import tensorflow as tf\nx = " + b"-" * 50000 + b"1",
        "null.py": b"import tensorflow\0 as tf",
        "wide.py": "import tensorflow as tf\n".encode("utf-16"),
        "no.py": b"def (:\n",
        "broken.ipynb": b"{",
        "list.ipynb": b"[1]",
        "old.ipynb": b'{"worksheets": []}',
        "half.ipynb": b'{"cells": [{"cell_type": "code"}]}',
        "bytes.ipynb": b"\xff\xfe\xfd",
    }
    for name, content in sources.items():
        (tmp_path / name).write_bytes(content)
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "circle.py").symlink_to("circle.py")
    (tmp_path / "nowhere.py").symlink_to("missing.py")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    good = b"import tensorflow as tf\nx = tf.log(1.0)  # "
    (tmp_path / "good.py").write_bytes(good + b"plain\n")
    (tmp_path / "korean.py").write_bytes(b"# coding: euc-kr\n" + good + "한국어\n".encode("euc-kr"))
    (tmp_path / "strange.py").write_bytes(b"# coding: klingon\n" + good + b"\xe9\n")
    (tmp_path / "latin.py").write_bytes(good + b"\xe9\n")
    (tmp_path / "feed.py").write_bytes(b"\x0c\nimport tensorflow as tf\n\x0c\ntext = 'a\x0cb'; tf.log(1.0)\n")
    assert cli.main(["audit", str(tmp_path), "--format", "json"]) == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    places = {(each["file"].rpartition("/")[2], each["line"], each["column"]) for each in told["findings"]}
    assert places == {
        ("good.py", 2, 5),
        ("korean.py", 3, 5),
        ("strange.py", 3, 5),
        ("latin.py", 2, 5),
        ("feed.py", 4, 15),
    }
    unread = {name.rpartition("/")[2]: sentence for name, sentence in told["unread"].items()}
    assert set(unread) == {*sources, "pipe.py", "circle.py", "nowhere.py"}
    for name, sentence in unread.items():
        assert name in sentence and "\n" not in sentence and f"warning: {sentence}\n" in shown.err
    assert "nested too deeply" in unread["long.py"] and "null bytes" in unread["wide.py"]
    assert "cannot be read" in unread["circle.py"] and "no notebook" in unread["half.ipynb"]
    for name in unread:
        with pytest.raises(UserError, match=re.escape(name)):
            cli.main(["audit", str(tmp_path / name)])


def test_the_answer_in_words(tmp_path, capsys):
    (tmp_path / "a.py").write_text(
        "import tensorflow as tf\nx = tf.placeholder(tf.float32)\ny = tf.placeholder(tf.int64)\n"
    )
    assert cli.main(["audit", str(tmp_path / "a.py")]) == 1
    out = capsys.readouterr().out
    assert f"{tmp_path / 'a.py'}:2:5: tf.placeholder (tf.compat.v1 alone) -> keras.Input((784,))" in out
    assert out.count("Left a place in the graph") == 1 and "tfport compare" in out
    assert "\ntf.float32, tf.int64 -> keras.Input" in out
    assert out.splitlines()[-1] == (
        "4 uses, 3 constructs, 1 of 1 sources. TensorFlow 2 has 2 of the uses no more or in tf.compat.v1 alone, "
        "0 changed, 2 unchanged."
    )
    assert cli.main(["audit", str(tmp_path / "a.py"), "--language", "ko"]) == 1
    out = capsys.readouterr().out
    assert all(re.search("[가-힣]", line) for line in out.splitlines() if line and "->" not in line)
    assert "tf.placeholder (tf.compat.v1에만 있음)" in out and "4곳, 구문 3가지" in out.splitlines()[-1]
    (tmp_path / "b.py").write_text("import numpy as np\n")
    assert cli.main(["audit", str(tmp_path / "b.py")]) == 0
    assert capsys.readouterr().out == "Nothing of TensorFlow 1; sources read: 1.\n"
    assert cli.main(["audit", str(tmp_path / "b.py"), "--language", "ko"]) == 0
    assert capsys.readouterr().out == "TensorFlow 1 구문이 없습니다. 읽은 소스: 1개.\n"


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
