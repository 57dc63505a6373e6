"""Python's side of TF1 scripts: sources of Python 2, and libraries as they were."""

import ast
import io
import pickle
import textwrap

import numpy as np
import pytest

from legacy_tf1.compat import evidence, pickle2, python2
from legacy_tf1.compat.stringio2 import StringIO
from tests.conftest import ROOT


@pytest.fixture
def script(tmp_path, run_python, monkeypatch):
    """Write files, run the first of them: ``script({name: source}, *flags)``; returns the finished process."""
    monkeypatch.chdir(tmp_path)

    def run(files, *flags):
        for name, source in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(textwrap.dedent(source), encoding="utf-8")
        return run_python("-m", "legacy_tf1", *flags, next(iter(files)), PYTHONPATH=str(ROOT), MPLBACKEND="Agg")

    return run


@pytest.mark.parametrize(("source", "only_two"), [
    ("for i in xrange(3): pass", True),
    ("try:\n    xrange\nexcept NameError:\n    xrange = range\nfor i in xrange(3): pass", False),
    ("from six.moves import xrange\nxrange(3)", False),
    ("import sys\nif sys.version_info[0] < 3:\n    print(d.has_key(1))", False),
    ("first = d.keys()[0]", True),
    ("operation.values()[0]", False),
    ("names = d.keys()\nnames.sort()", True),
    ("names = list(d.keys())\nnames.sort()", False),
    ("names = {}.keys()\nprint(len(names))", False),
    ("rows = range(3)\nrows[0]", False),
    ("rows = range(3)\nrandom.shuffle(rows)", True),
    ("rows = range(3) + [1]", True),
    ("import numpy as np\nx = np.array(map(float, rows))", True),
    ("pairs = zip(a, b)\nfor one, two in pairs: pass", False),
    ("pairs = zip(a, b)\nprint(pairs[0])", True),
    ("def f(map): return map(1)[0]", False),
    ("d.has_key(1)", True),
    ("frame.iteritems()", False),
    ("import sys\nprint(sys.maxint)", True),
    ("import urllib\nurllib.urlretrieve(a, b)", True),
    ("import urllib.request\nurllib.request.urlretrieve(a, b)", False),
    ("try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle", False),
    ("def f(string): return string.split(',')", False),
    ("import string\nprint(string.letters)", True),
    ("import pandas as pd\nprint(pd.read_csv(a).keys()[0])", False),
    ("class A:\n    def has_key(self, key): return 1\nA().has_key(1)", False),
    ("try:\n    pass\nexcept OSError as file:\n    pass\nprint(file)", False),
    ("#!/usr/bin/env python2\nprint(1 / 2)", True),
    ("print(1 / 2)", False),
])  # fmt: skip
def test_a_source_that_both_can_parse_is_of_python_2_where_only_that_could_run_it(source, only_two):
    assert evidence.is_python_2(ast.parse(source), source) is only_two


TWO = '''
class A(object):
    def f(self, (a, b), c=1):
        """A docstring.

        More of it."""
        return a

    def g(self, (a, b)):
        a += b; print "line 10"
        return lambda (x, y): x + a

    def h(self, (a, b)):
        for i in range(2):
            a += i

        raise ValueError, "line 17"

def last(d):
    try:
        print >>None, d.keys()[0], \\
            `d`
    except KeyError, (e, f):
        pass
    print "line 25"
'''


def test_translated_lines_stay_where_they_were():
    tree = ast.parse(python2.translated(TWO, "two.py"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and str(node.value).startswith("line "):
            assert node.lineno == int(node.value[5:])
    functions = {node.name: node.lineno for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert functions == {"f": 3, "g": 9, "h": 13, "last": 19}


def test_a_traceback_names_the_line_of_the_source(tmp_path):
    source = tmp_path / "source.py"
    source.write_text("def f((a, b)):\n    for i in range(2):\n        c = a / b\n    return c\nprint f((1, 0))\n")
    with pytest.raises(ZeroDivisionError) as caught:
        exec(python2.compiled(str(source)), {})  # noqa: S102 that is what is tested
    own = [entry.lineno + 1 for entry in caught.traceback if str(entry.path) == str(source)]
    assert own == [5, 3]


@pytest.mark.parametrize(("expression", "today", "before"), [
    ("-(a / b)", -3.5, -3), ("a / b // 2", 1.0, 1), ("a / b % 2", 1.5, 1), ("a / b / 2", 1.75, 1),
    ("a / b + 1", 4.5, 4),
    ("20 // (a / b)", 5.0, 6), ("20 % (a / b)", 2.5, 2), ("20 / (a / b)", 20 / 3.5, 6), ("(a / b) ** 2", 12.25, 9),
    ("abs(-(a / b))", 3.5, 3), ("2 * (a / b) - a / b", 3.5, 3),
])  # fmt: skip
def test_a_quotient_counts_as_both_pythons_do(tmp_path, expression, today, before):
    (tmp_path / "source.py").write_text(f"found = {expression}")
    names = {"a": 7, "b": 2}
    exec(python2.compiled(str(tmp_path / "source.py")), names)  # noqa: S102 that is what is tested
    assert names["found"] == today and names["found"].__index__() == before
    assert type(names["found"] / 2.0) is float


def test_in_place_division_evaluates_its_target_once_and_keeps_arrays(tmp_path):
    source = """
from math import pi
class A(object):
    __hidden = 9
    def halve(self):
        self.__hidden /= 2
        return self.__hidden
calls = []
def where():
    calls.append(1)
    return rows
rows = [9, np.arange(4.0), np.arange(4)]
same = rows[2]
where()[0] /= 2
rows[1][1:3] /= 2
rows[2] /= 2
a = A()
a.n = 7
a.n /= 2
xrange
halves = np.arange(5) / 2
"""
    (tmp_path / "source.py").write_text(source)
    names = {"np": np}
    exec(python2.compiled(str(tmp_path / "source.py")), names)  # noqa: S102 that is what is tested
    assert names["rows"][0] == 4 and names["calls"] == [1] and names["a"].n == 3 and names["a"].halve() == 4
    assert names["rows"][1].tolist() == [0, 0.5, 1, 3]
    assert names["rows"][2] is names["same"] and names["same"].tolist() == [0, 0, 1, 1]
    assert names["halves"].tolist() == [0, 0, 1, 1, 2]


def test_an_array_of_one_number_is_that_number(tmp_path):
    source = """
import math
texts = "%.2f %d %s" % (v, v, v), "cost %f" % v, "%(a).1f" % {"a": v}, "%r" % (v,), "%s" % v, 7 % 4
numbers = int(v), float(v), math.sqrt(v), round(v, 1), np.float64(v).shape
items = np.zeros(4)
items[0] = v
items[1], other = v, 2
items[2] += v
items[3] -= 1
calls = []
def where():
    calls.append(1)
    return items
where()[:1] *= 2
place = 0
row = [1, 2, 3]
row[place], place, row[2] = 7, 2, 9
row[0], row[1] = row[1], row[0]
plain = {"k": v}
plain["k"] += 1
plain["l"] = v
wrong = []
for statement in ("items[0] = [1, 2]", "float(np.ones(2))", "'%d' % 'x'", "'%d' % np.ones(2)"):
    try:
        RUN(statement)
    except (TypeError, ValueError) as error:
        wrong.append(type(error).__name__)
"""
    (tmp_path / "source.py").write_text(source)
    v = np.float32([[3]])
    names = {"np": np, "v": v}

    def run(statement):
        (tmp_path / "statement.py").write_text(statement)
        exec(python2.compiled(str(tmp_path / "statement.py")), names)  # noqa: S102 that is what is tested

    names["RUN"] = run
    run(source)
    assert names["texts"] == ("3.00 3 [[3.]]", "cost 3.000000", "3.0", "array([[3.]], dtype=float32)", "[[3.]]", 3)
    assert names["numbers"] == (3, 3.0, 3**0.5, 3.0, (1, 1))
    assert names["items"].tolist() == [6, 3, 3, -1] and names["other"] == 2 and names["calls"] == [1]
    assert names["row"] == [2, 7, 9] and names["place"] == 2
    assert names["plain"]["k"].tolist() == [[4]] and names["plain"]["l"] is v and v == 4
    assert names["wrong"] == ["ValueError", "TypeError", "TypeError", "TypeError"]


def test_values_of_a_dictionary_are_a_list_where_one_is_taken(tmp_path):
    (tmp_path / "source.py").write_text("found = d.values()[0], operation.values()[0], 7 / 2")
    operation = type("Operation", (), {"values": lambda self: (3,)})()
    names = {"d": {"a": 1}, "operation": operation}
    exec(python2.compiled(str(tmp_path / "source.py")), names)  # noqa: S102 that is what is tested
    assert names["found"] == (1, 3, 3.5)


def test_pickles_of_python_2_and_files_of_text(tmp_path):
    of_two = b"\x80\x02U\x01\xe9."  # the text "é" in latin-1, as Python 2 wrote it
    with pytest.raises(UnicodeDecodeError):
        pickle.loads(of_two)  # noqa: S301
    assert pickle2.loads(of_two) == "é" == pickle2.load(io.BytesIO(of_two))
    with open(tmp_path / "file.pkl", "w") as file:
        pickle2.dump({"a": 1}, file)
    for mode in ("r", "rb"):
        with open(tmp_path / "file.pkl", mode) as file:
            assert pickle2.load(file) == {"a": 1}


def test_a_file_in_memory_holds_text_or_bytes():
    file = StringIO()
    file.write("a")
    assert file.getvalue() == "a"
    file.write(b"b")
    assert file.getvalue() == b"ab"
    assert StringIO(b"a\nb").readlines() == [b"a\n", b"b"] and list(StringIO("a\nb")) == ["a\n", "b"]
    assert StringIO().getvalue() == ""


LIBRARIES = """
import collections, csv, importlib, inspect, itertools, os, string, sys, time, urllib
import cPickle, Queue, StringIO
import numpy as np
import pandas as pd
import matplotlib
matplotlib.use("TkAgg")
import matplotlib.pyplot as plt
import matplotlib.cm as cm
from PIL import Image, ImageDraw
import tensorflow as tf
from package.module import five

assert importlib.import_module("tensorflow").placeholder is __import__("tensorflow").placeholder is tf.placeholder
names = {}
exec "import tensorflow as t" in names
assert names["t"].placeholder is tf.placeholder and importlib.import_module("tensorflow.contrib.layers").flatten
assert five == 5

assert np.float(1) == 1 and np.product([2, 3]) == 6 and np.fromstring(b"\\1\\0", np.uint8).tolist() == [1, 0]
assert np.array([1, 2], np.uint8).tostring() == b"\\1\\2" and np.array([[1], [1, 2]]).shape == (2,)
assert np.histogram([1, 2], bins=2, range=(1, 3), normed=True)[0].tolist() == [0.5, 0.5]
np.save("objects.npy", np.array([{}], dtype=object))
try:
    np.load("objects.npy")
except ValueError, error:
    print error
assert sys.maxint == sys.maxsize and string.letters[:2] == "ab" and list(itertools.izip([1], [2])) == [(1, 2)]
assert urllib.quote("a b") == "a%20b" and time.clock() >= 0 and issubclass(list, collections.Iterable)
assert inspect.getargspec(lambda a, b=1: 0).defaults == (1,) and os.getcwdu() == os.getcwd()
writer = csv.writer(open("a.csv", "wb"))
writer.writerow([1, "e"])
del writer
assert list(csv.reader(open("a.csv", "rb"))) == [["1", "e"]]
d = {"x": 1}
assert d.has_key("x") and list(d.iteritems()) == [("x", 1)] and iter([4]).next() == 4 and "a".decode("utf-8") == "a"
assert sorted([1, 3, 2], lambda one, two: cmp(two, one)) == [3, 2, 1]

frame = pd.DataFrame({"a": [3.0, 1.0, 2.0], "b": [1.0, 2.0, 3.0]})
values = frame.values
values[:, 0] /= 2
np.random.shuffle(frame.as_matrix())
assert frame.ix[0:1].shape == (2, 2)
frame["a"][frame["a"] == 1] = 7
frame.b[0] = 8
frame["b"][1:3] = 9
assert sorted(frame.a)[-1] > 0 and frame.b.tolist() == [8, 9, 9] and (frame.a != 1).all()
rows = {"a": [1, 2]}
rows["a"][1] = 3
assert rows == {"a": [1, 3]}
assert len(frame.append({"a": 1, "b": 2}, ignore_index=True)) == 4 and frame.get_value(0, "b") == frame.b[0]
assert pd.get_dummies(pd.Series(["x", "y"])).values.dtype == np.uint8
open("b.csv", "w").write("a b\\n1 2\\n1 2 3\\n")
assert pd.read_csv("b.csv", error_bad_lines=False, delim_whitespace=True).shape == (1, 2)

picture = (np.arange(48).reshape(4, 4, 3) * 5).astype(np.uint8)
assert Image.fromarray(picture).resize((2, 2), Image.ANTIALIAS).size == (2, 2)
assert ImageDraw.Draw(Image.new("L", (9, 9))).textsize("a")[0] > 0
plt.hold(True)
plt.hist([1, 2], normed=1)
plt.imshow(picture[:, :, 0], cmap="spectral")
cm.spectral(0.5)
plt.subplot(111, axisbg="w")
figure = plt.gcf()
assert plt.subplot(2, 3, 0) is plt.subplot(2, 3, 6) is plt.subplot(230)
assert figure.add_subplot(2, 3, 0).get_subplotspec().num1 == 5
axes = figure.add_subplot(2, 3, 1)
lines = axes.plot([1, 2], [3, 4], "r-", hold=True)
axes.lines.remove(lines[0])
axes.plot([1]), axes.plot([2])
del axes.lines[0]
assert axes.lines.pop(0) is not lines[0] and len(axes.lines) == 0 and axes.get_axes() is axes
axes.set_color_cycle(["r", "g"])
axes.grid(b=True), plt.grid(b=False)
assert plt.annotate(s="here", xy=(0, 0)).get_text() == "here"
assert len(plt.bar(left=[1, 2], height=[3, 4])) == 2 and plt.axes([0, 0, 1, 1], axisbg="r").get_facecolor()[0] == 1
plt.yscale("log", nonposy="clip"), plt.boxplot([[1, 2]], labels=["a"]), plt.stem([1], [1], use_line_collection=True)
assert len(plt.boxplot([[1, 2, 9]], 0, "", 1, 0.75)["boxes"]) == len(axes.boxplot([[1, 2]], 1, "", 1)["boxes"]) == 1
figure.canvas.set_window_title("a window")
figure.hold(True)
assert plt.figure().gca(projection="3d").w_xaxis is plt.gca().xaxis
matplotlib.pyplot.close()
import matplotlib.mlab as mlab
assert abs(mlab.normpdf(1.0, 0, 2) - 0.1760327) < 1e-6
assert abs(mlab.bivariate_normal(1.0, 0.0, 2, 1) - 0.1760327 * 0.3989423) < 1e-6
plt.figure(figure.number)
plt.savefig("saved.png", frameon=False)
figure.show()
figure.show()
plt.pause(1)
plt.waitforbuttonpress()
plt.show(block=True)

from keras.models import Sequential
from keras.layers.core import Dense, Activation, Flatten
from keras.layers.convolutional import Convolution2D
from keras.engine.topology import Layer
from keras.optimizers import SGD
from keras.utils import np_utils
from keras.utils.visualize_util import plot
import keras.backend as K

assert K.image_dim_ordering() == "tf"
model = Sequential()
model.add(Convolution2D(2, 3, 3, border_mode="same", input_shape=(4, 4, 1), init="uniform"))
assert model.output_shape == (None, 4, 4, 2)
model.add(Flatten())
model.add(Dense(output_dim=2))
model.add(Activation("softmax"))
sgd = SGD(lr=0.01, decay=1e-6, momentum=0.9, nesterov=True)
model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"], learning_rate=1)
labels = np_utils.to_categorical([0, 1], 2)
history = model.fit(np.zeros((2, 4, 4, 1)), labels, nb_epoch=2, verbose=0).history
assert len(history["acc"]) == len(history["accuracy"]) == 2
assert model.predict_classes(np.zeros((2, 4, 4, 1))).shape == (2,)

from multiprocessing import get_context

def work(queue):
    queue.put([tf.placeholder(tf.float32).op.type, 7 / 2])

if __name__ == "__main__":
    context = get_context("spawn")
    queue = context.Queue()
    context.Process(target=work, args=(queue,)).start()
    print queue.get(), "done"
"""


@pytest.mark.rows
def test_libraries_are_as_the_script_knew_them_in_its_children_too(script, tmp_path):
    done = script(
        {
            "script.py": LIBRARIES,
            "package/__init__.py": "",
            "package/module.py": "from helper import five",
            "package/helper.py": "five = 10 / 2",
        },
        "--shim-report",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "['Placeholder', 3] done"
    assert "objects.npy: holds Python objects" in done.stdout and "--allow-pickle script.py" in done.stdout
    # One of each process, though shown twice: the child runs the script's lines again.
    assert {path.name for path in tmp_path.glob("*shown*")} == {"script-shown-1.png", "script-shown-2.png"}
    for name in (
        "script.py: Python 2",
        "import Queue",
        "import helper of the package package",
        "csv of a file of bytes",
        "matplotlib.use('TkAgg') without a screen",
        "keras.layers.core.Dense",
        "Conv2D(border_mode=)",
    ):
        assert name in done.stderr, name
    assert not list(tmp_path.rglob("__pycache__"))


SCIENCE = """
import numpy as np
import scipy
from scipy.misc import imread, imresize
from scipy import misc
from sklearn import cross_validation
from sklearn.cross_validation import KFold
from sklearn.externals import joblib
from sklearn.preprocessing import Imputer, OneHotEncoder
from sklearn.manifold import TSNE
from sklearn.datasets import load_boston

picture = (np.arange(48).reshape(4, 4, 3) * 5).astype(np.uint8)
misc.imsave("a.png", picture)
assert (imread("a.png") == picture).all() and imread("a.png", flatten=True).shape == (4, 4)
assert imresize(picture, (2, 3)).shape == (2, 3, 3) and imresize(picture, 50).shape == imresize(picture, 0.5).shape
shades = np.asarray(misc.toimage(np.array([[0.0, 1.0], [2.0, 4.0]])))
assert shades.tolist() == [[0, 64], [128, 255]]
assert scipy.product([2, 3]) == 6 and misc.comb(4, 2) == 6
assert [len(rows) for rows, _ in KFold(6, n_folds=3)] == [4, 4, 4]
assert len(cross_validation.train_test_split([1, 2, 3, 4], test_size=0.5)[0]) == 2
assert OneHotEncoder(sparse=False).fit_transform([[1], [2]]).shape == (2, 2)
assert TSNE(n_iter=300).max_iter == 300
assert Imputer().fit_transform([[1.0], [float("nan")]]).tolist() == [[1.0], [1.0]]
print("done")
"""


def test_scipy_and_scikit_learn_likewise(script):
    pytest.importorskip("scipy")
    pytest.importorskip("sklearn")
    done = script({"script.py": SCIENCE}, "--shim-report")
    assert done.returncode == 0 and done.stdout == "done\n", done.stderr
    for name in ("scipy.misc.imread", "import sklearn.cross_validation", "TSNE(n_iter=)"):
        assert name in done.stderr, name
