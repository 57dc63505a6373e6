"""A trained run reads pictures and is exported."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tfport import cli, data
from tfport.errors import UserError
from tfport.interop import runs


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Run folders of a small program each: digits and points."""
    from tfport import logistic, softmax

    folder = tmp_path_factory.mktemp("runs")
    words = ["--data", "synthetic", "--steps", "300", "--log-dir", str(folder)]
    digits = softmax.main(words)
    points = logistic.main(["--steps", "40", "--log-dir", str(folder)])
    return {"softmax": str(digits.folder), "logistic": str(points.folder)}


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Ten synthetic digits as picture files, dark on light."""
    folder = tmp_path_factory.mktemp("pictures")
    test = data.load("synthetic").test
    paths = []
    for label in range(10):
        image = test.images[np.flatnonzero(test.labels == label)[0], ..., 0]
        paths.append(str(folder / f"{label}.png"))
        Image.fromarray(np.uint8(255 * (1 - image))).resize((112, 112)).save(paths[-1])
    return paths


@pytest.mark.rows
def test_pictures_are_read(trained, digits, tmp_path, capsys):
    assert cli.main(["predict", trained["softmax"], *digits, "--figure", str(tmp_path / "read.png")]) == 0
    lines = capsys.readouterr().out.splitlines()
    read = [re.fullmatch(r"(\S+): (\d) \((\S+) %\)   (.*)", line) for line in lines[:10]]
    assert sum(match[2] == match[1][-5] for match in read) >= 8
    for match in read:
        shares = [float(share) for share in re.findall(r"\d: (\S+) %", match[4])]
        assert len(shares) == 10 and sum(shares) == pytest.approx(100, abs=0.6) and max(shares) == float(match[3])
    picture = np.asarray(Image.open(tmp_path / "read.png"))
    assert picture.shape[0] > picture.shape[1] and picture.std() > 10
    with pytest.raises(UserError, match="is there already"):
        cli.main(["predict", trained["softmax"], digits[0], "--figure", str(tmp_path / "read.png")])


@pytest.mark.parametrize(("name", "to"), [
    *(pytest.param("softmax", to, marks=pytest.mark.rows) for to in ("savedmodel", "keras", "tflite")),
    ("logistic", "savedmodel"), ("logistic", "tflite"),
])  # fmt: skip
def test_every_export_computes_what_the_model_does(trained, name, to, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["export", trained[name], "--to", to]) == 0
    said = capsys.readouterr().out
    compared = "1000 test images (SYNTHETIC digits)" if name == "softmax" else "its 35 points"
    assert compared in said and float(re.search(r"within (\S+) of", said)[1]) <= 1e-4
    (made,) = tmp_path.iterdir()  # and nothing beside it
    with pytest.raises(UserError, match="is there already"):
        cli.main(["export", trained[name], "--to", to])
    assert made.exists()


def test_an_export_that_computes_something_else_is_not_written(trained, tmp_path, monkeypatch):
    from tfport.interop import export

    def off(path, inputs):
        return export._read_keras(path, inputs) * 1.01

    monkeypatch.setitem(export.FORMATS, "keras", (export._write_keras, off))
    with pytest.raises(UserError, match="are 1.0e-02 off"):
        cli.main(["export", trained["softmax"], "--to", "keras", "--into", str(tmp_path / "x.keras")])
    assert list(tmp_path.iterdir()) == []


def test_a_converter_that_fails_is_one_sentence_and_leaves_nothing(trained, tmp_path, monkeypatch):
    from tfport.interop import export

    def fails(model, path):
        path.write_text("half")
        raise RuntimeError("no such operation\nand a long story")

    monkeypatch.setitem(export.FORMATS, "tflite", (fails, export._read_tflite))
    with pytest.raises(UserError, match=re.escape("--to tflite: cannot be made of this model (no such operation);")):
        cli.main(["export", trained["softmax"], "--to", "tflite", "--into", str(tmp_path / "x.tflite")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("to", "name", "sentence"), [
    ("keras", "model.h5", "writes a file whose name ends with .keras"),
    ("tflite", "model", "ends with .tflite"),
    ("savedmodel", "model.keras", "writes a folder; leave out .keras"),
    ("keras", "link.keras", "is there already"),
])  # fmt: skip
def test_an_export_takes_a_free_name_of_its_format(to, name, sentence, tmp_path):
    (tmp_path / "link.keras").symlink_to("nowhere")
    with pytest.raises(UserError, match=re.escape(sentence)):
        cli.main(["export", "no run", "--to", to, "--into", str(tmp_path / name)])
    assert (tmp_path / "link.keras").is_symlink()


def test_a_figure_takes_no_name_that_is_there(digits, tmp_path):
    (tmp_path / "link.png").symlink_to("nowhere")
    with pytest.raises(UserError, match="is there already"):
        cli.main(["predict", "no run", digits[0], "--figure", str(tmp_path / "link.png")])


def test_mistakes_are_answered_with_a_sentence(trained, digits, tmp_path, run_python):
    config = {"program": "softmax", "config": {}}
    for name, content in (("empty", None), ("unfinished", config), ("strange", {"program": "nothing", "config": {}})):
        (tmp_path / name).mkdir()
        if content is not None:
            (tmp_path / name / "config.json").write_text(json.dumps(content))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text(json.dumps(config))
    (tmp_path / "broken" / "final.weights.h5").write_bytes(b"no weights")
    for run, sentence in (
        ("empty", "holds no config.json of a run"),
        ("unfinished", "has no final.weights.h5; finish the run"),
        ("strange", "no tutorial named 'nothing'"),
        ("broken", "cannot be read as HDF5"),
    ):
        with pytest.raises(UserError, match=sentence):
            runs.load_run(str(tmp_path / run))
    with pytest.raises(UserError, match="it reads no digits"):
        cli.main(["predict", trained["logistic"], digits[0]])
    for words in (["predict"], ["predict", trained["softmax"]], ["export"], ["export", "a", "b"]):
        with pytest.raises(UserError, match=f"tfport {words[0]} takes"):
            cli.main(words)
    done = run_python("-m", "tfport", "predict", str(tmp_path / "empty"), "x.png", PYTHONPATH=str(ROOT))
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
