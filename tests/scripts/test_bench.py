"""The comparison itself: turns, ratios, what it writes."""

import json

import pytest

from tests.conftest import ROOT
from tfport.errors import UserError

SCRIPT = str(ROOT / "scripts" / "bench.py")


def test_contestants_train_the_same_and_take_turns(run_python, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- speed: begin -->\n<!-- speed: end -->\nafter\n")
    results, plot = tmp_path / "bench.json", tmp_path / "speed.png"
    flags = ["--only", "temperature", "--turns", "2", "--scale", "0.02", "--results", str(results)]
    done = run_python(SCRIPT, "speed", *flags, "--readme", str(readme), "--plot", str(plot))
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(results.read_text())["speed"]["rows"]
    assert row["name"] == "temperature" and row["steps"] == 100
    assert set(row["contestants"]) == {"TF1", "Keras fit", "tfport"}
    for contestant in row["contestants"].values():
        low, high = contestant["range"]
        assert 0 < low <= contestant["step"] <= high
        # The loss after 300 steps: nobody has done less.
        assert contestant["reached"] == pytest.approx(row["contestants"]["TF1"]["reached"], rel=1e-3)
    assert row["contestants"]["tfport"]["ratio"] == 1
    text = readme.read_text()
    assert "| `temperature` |" in text and text.startswith("before\n") and text.endswith("after\n")
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_whole_jobs_are_split_into_parts(run_python, tmp_path):
    results = tmp_path / "bench.json"
    results.write_text(json.dumps({"speed": "kept"}))
    done = run_python(SCRIPT, "jobs", "--only", "logistic", "--turns", "1", "--results", str(results))
    assert done.returncode == 0, done.stderr
    kept = json.loads(results.read_text())
    (row,) = kept["jobs"]["rows"]
    assert kept["speed"] == "kept"
    assert list(row["parts"]) == ["data", "import", "build", "compile", "train", "report"]
    assert 0 < sum(row["parts"].values()) < row["seconds"]["tfport"]


@pytest.mark.parametrize(
    "words", [["speed", "--turns", "0"], ["speed", "--readme", "/no/such/file"], ["jobs", "--only", "x"]]
)
def test_bad_flags_get_one_sentence(run_python, words):
    done = run_python(SCRIPT, *words)
    assert done.returncode == 2 and done.stderr.startswith("error: ") and "Traceback" not in done.stderr


def test_results_that_cannot_be_kept_are_known_before_anything_is_measured(tmp_path, monkeypatch, small_disk):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import bench

    (tmp_path / "cut.json").write_text('{"speed": {"rows": [')
    for path, words in (
        (tmp_path / "cut.json", "cannot be read .*; move it away"),
        (tmp_path, "is a folder; name a file"),
        (tmp_path / "none" / "x.json", "its folder cannot be written .No such file"),
        (small_disk(4096) / "x.json", "its folder cannot be written .No space left"),
    ):
        for measuring in (bench.speed, bench.growth):
            with pytest.raises(UserError, match=words):
                measuring(["--results", str(path)])


def test_rows_that_were_not_measured_now_stay(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import bench

    results = tmp_path / "bench.json"
    config = bench.Bench(results=str(results))

    def shown(*rows):
        return [row["seconds"] for row in bench._keep(config, "jobs", list(rows), str)]

    assert shown({"name": "cnn", "seconds": 1}, {"name": "softmax", "seconds": 2}) == [1, 2]
    # In the order of the pairs, where there were rows before.
    assert shown({"name": "softmax", "seconds": 3}, {"name": "hidden", "seconds": 4}) == [4, 3, 1]
    # What another version took is no row of this table.
    kept = json.loads(results.read_text())
    kept["jobs"]["versions"]["tensorflow"] = "1.3"
    results.write_text(json.dumps(kept))
    assert shown({"name": "cnn", "seconds": 5}) == [5]
