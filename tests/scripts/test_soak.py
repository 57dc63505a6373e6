"""Ten kills at random instants, and nothing lost; the comparison that says so sees what is lost."""

import shutil
import sys

import h5py
import pytest
import soak

from tfport import logistic


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_ten_kills_lose_nothing(capfd):
    status = soak.main(["--kills", "10", "--seed", "7"])
    said = capfd.readouterr().out
    assert status == 0, said
    assert ", 10 kills (" in said.splitlines()[-1] and said.splitlines()[-1].endswith(", 0 not")


def test_what_is_lost_is_seen(tmp_path):
    flags = ["--steps", "40", "--report-every", "20", "--summary-every", "10", "--log-dir", str(tmp_path / "runs")]
    whole = logistic.main(flags).folder
    other = tmp_path / "other"

    def told(spoil):
        shutil.rmtree(other, ignore_errors=True)
        shutil.copytree(whole, other)
        spoil()
        return soak.differences(whole, other)

    def another_weight():
        with h5py.File(other / "final.weights.h5", "r+") as file:
            name = next(name for name in soak.weights_of(other) if name.startswith("layers/"))
            file[name][...] += 1e-6

    def one_report_less():
        path = other / "metrics.jsonl"
        path.write_text(path.read_text().splitlines(keepends=True)[0])

    def events_twice():
        (path,) = (other / "tb" / "train").glob("*tfevents*")
        shutil.copy(path, path.with_name(path.name + ".again"))

    def events_cut():
        (path,) = (other / "tb" / "train").glob("*tfevents*")
        path.write_bytes(path.read_bytes()[:-20])

    assert told(lambda: None) == []
    assert told(another_weight) == ["weights differ"]
    assert told(one_report_less) == ["reports differ"]
    assert "summaries too many" in told(events_twice)[0] and len(told(events_twice)) == 1
    assert "summaries missing" in told(events_cut)[0]
