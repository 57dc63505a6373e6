"""Disks that are full, read-only or in the way: known before training where it can be, and nothing half written is
taken for whole."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import h5py
import matplotlib.image
import numpy as np
import pytest

from tests.conftest import ROOT
from tfport import files, flags, logistic, plots
from tfport.errors import UserError
from tfport.training import runs

FEW = ["--steps", "20", "--report-every", "5"]
posix = pytest.mark.skipif(os.name != "posix", reason="no such files, limits or signals on Windows")


def train(*words):
    return logistic.main([*FEW, *map(str, words)])


def assert_whole(folder: Path) -> set[str]:
    """Everything below a folder that has the name of a finished file is one; returns their names."""
    names = set()
    for path in folder.rglob("*"):
        if path.is_dir() or path.name.startswith("events.out"):
            continue
        assert not files.is_left_over(path), f"{path} is left"
        names.add(path.name)
        if path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix == ".png":
            assert matplotlib.image.imread(path)[..., :3].std() > 0.02
        elif path.suffix == ".h5":
            with h5py.File(path) as weights:
                weights.visititems(lambda name, item: np.asarray(item) if isinstance(item, h5py.Dataset) else None)
    return names


# --- known before training ---


def test_full_disk_is_known_before_training(small_disk, capsys):
    with pytest.raises(UserError, match=r"--log-dir .*: cannot be written \(No space left on device\); name another"):
        train("--log-dir", small_disk(8192))
    assert "Step" not in capsys.readouterr().out


def test_disk_too_small_for_the_weights_is_known_before_training(small_disk, capsys):
    from tfport import cnn

    with pytest.raises(
        UserError, match=r"--log-dir .*: 10\.0 MB are free on its disk, and the run writes more than 157"
    ):
        cnn.main(["--data", "fake", "--log-dir", str(small_disk(10_000_000))])
    assert "Step" not in capsys.readouterr().out


def test_read_only_disk_is_known_before_training(read_only_folder, capsys):
    for path in (read_only_folder, read_only_folder / "below"):
        with pytest.raises(UserError, match=r"cannot be written \((Read-only file system|Permission denied)\); name"):
            train("--log-dir", path)
    assert "Step" not in capsys.readouterr().out


@posix
def test_log_folders_that_are_none_are_known_before_training(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    not_text = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    for path, words in (
        (tmp_path / "file", "File exists"),
        (tmp_path / "file" / "below", "Not a directory"),
        (tmp_path / "dangling", "File exists"),
        (tmp_path / "loop", "File exists|Too many levels"),
        (tmp_path / ("x" * 300), "File name too long"),
        (not_text, "names in UTF-8 alone"),
    ):
        with pytest.raises(UserError, match=f"--log-dir .*({words}).*; name another folder"):
            train("--log-dir", path)
    assert (tmp_path / "file").read_text() == "mine" and "Step" not in capsys.readouterr().out


@posix
def test_a_folder_too_deep_for_what_a_run_writes_is_known_before_training(tmp_path, capsys):
    path = str(tmp_path)
    while (left := os.pathconf(tmp_path, "PC_PATH_MAX") - 56 - len(path)) > 1:  # itself short enough
        path += "/" + "x" * min(200, left - 1)
    with pytest.raises(UserError, match=r"--log-dir .*cannot be written \(File name too long\); name another folder"):
        train("--log-dir", path)
    assert os.path.isdir(path) and "Step" not in capsys.readouterr().out


def test_the_folder_of_another_run_is_refused_and_left_as_it_was(tmp_path):
    other = train("--log-dir", tmp_path).folder
    before = {path: path.stat().st_mtime_ns for path in other.rglob("*")}
    with pytest.raises(UserError, match="is the folder of another run; name the one that it lies in"):
        train("--log-dir", other)
    assert {path: path.stat().st_mtime_ns for path in other.rglob("*")} == before


def test_two_runs_of_one_name_in_one_second_have_folders_of_their_own(tmp_path):
    folders, start = [], threading.Barrier(8)

    def begin():
        start.wait()
        folders.append(runs._new_folder(tmp_path, "cnn"))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(folders)) == 8 and all((folder / "figures").is_dir() for folder in folders)


# --- the clock ---


def test_clock_set_back_to_the_second_of_an_earlier_run(tmp_path):
    """An hour's worth of runs is there from before it was set back, dated in what is now the future."""
    now = time.time()
    for ahead in range(3600):
        name = time.strftime("logistic-%Y%m%d-%H%M%S", time.localtime(now + ahead))
        (tmp_path / name).mkdir(exist_ok=True)
        os.utime(tmp_path / name, (now + 3600 + ahead,) * 2)
    before = set(tmp_path.iterdir())
    made = train("--log-dir", tmp_path).folder
    assert made not in before and made.name.endswith("-2")
    assert not any(list(folder.iterdir()) for folder in before)


def test_clock_set_back_during_a_run(tmp_path, monkeypatch, capsys):
    began, clock = time.perf_counter(), time.time

    def set_back():
        return clock() - (3600 if time.perf_counter() - began > 0.05 else 0)

    monkeypatch.setattr(time, "time", set_back)
    result = train("--log-dir", tmp_path)
    kept = json.loads((result.folder / "seconds.json").read_text())
    assert all(0 <= seconds < 3000 for seconds in [*kept.values(), result.seconds])
    assert "after 20 steps, -" not in capsys.readouterr().out
    assert all(report.seconds >= 0 for report in result.reports)


# --- during training, and after it ---


@pytest.mark.parametrize("size", [72, 80, 100, 120, 140])
def test_disk_that_fills_during_a_run_leaves_nothing_half_written(small_disk, size):
    """Whatever is being written when it is full: summaries, weights, a figure."""
    disk = small_disk(size * 1024)
    (disk / "ballast").write_bytes(bytes(2048))
    try:
        train("--log-dir", disk)
    except UserError as error:
        (folder,) = (path for path in disk.iterdir() if path.is_dir())
        assert "No space left on device" in str(error) and "make room, and go on with " in str(error)
        assert str(error).startswith(str(folder)) and f"--resume {folder}" in str(error)
    else:
        assert size > 100
    names = assert_whole(disk)
    assert "config.json" in names and ("points.png" not in names or "final.weights.h5" in names)


@posix
def test_files_that_may_not_grow_end_a_program_in_one_sentence(run_python, tmp_path):
    """As a quota does: 16 kB a file. Needs no privileges."""
    code = (
        "import resource, sys; from tfport import flags, logistic;"
        "limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384));"
        "flags.run(lambda: (limit(), logistic.main(sys.argv[1:])))"
    )
    done = run_python("-c", code, *FEW, "--log-dir", str(tmp_path), MPLCONFIGDIR=str(tmp_path / "matplotlib"))
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1 and "File too large" in done.stderr
    assert "final.weights.h5" not in assert_whole(tmp_path)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_output_that_goes_to_a_full_disk(tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tfport", "list"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
    assert done.returncode == 2
    assert done.stderr == "error: No space left on device; make room, or write elsewhere\n"


def test_tf1_program_whose_disk_is_full(small_disk, capsys):
    from legacy_tf1 import logistic as tf1

    full = small_disk(4096)
    for words in (["--save", full / "x"], ["--log_dir", full], ["--figures_dir", full]):
        with pytest.raises(UserError, match=f"{words[0].replace('_', '-')} .*: cannot be written .No space left"):
            tf1.main(["--steps", "3", *map(str, words)])
    assert "Step" not in capsys.readouterr().out
    disk = small_disk(80 * 1024)  # enough to begin with
    with pytest.raises(SystemExit) as caught:
        flags.run(lambda: tf1.main(["--steps", "3", "--save", f"{disk}/x", "--figures_dir", f"{disk}/figures"]))
    assert caught.value.code == 2 and "error: No space left on device" in capsys.readouterr().err
    assert "logistic-field.png" not in assert_whole(disk)
    words = ["--steps", "2000", "--report-every", "1", "--log_dir", str(small_disk(80 * 1024))]
    with pytest.raises(SystemExit) as caught:  # TensorFlow writes its summaries in a thread
        flags.run(lambda: tf1.main(words))
    errors = capsys.readouterr().err
    assert caught.value.code == 2 and "error: No space left on device" in errors and "Traceback" not in errors


def test_figure_that_cannot_be_redrawn_stays(small_disk):
    disk = small_disk(64 * 1024)
    values = np.array([1.0, 3.0, 2.0] * 4)
    plots.monthly(values, disk / "figure.png")
    before = (disk / "figure.png").read_bytes()
    with open(disk / "ballast", "wb", buffering=0) as ballast, pytest.raises(OSError, match="No space left"):
        while True:
            ballast.write(bytes(4096))
    with pytest.raises(OSError, match="No space left"):
        plots.monthly(values + 1, disk / "figure.png")
    assert (disk / "figure.png").read_bytes() == before
    assert {path.name for path in disk.iterdir()} == {"figure.png", "ballast"}


@posix
def test_home_that_cannot_be_written_and_data_in_a_folder_whose_name_is_not_text(
    run_python, read_only_folder, digits_folder, tmp_path
):
    """And a terminal that shows ASCII alone."""
    folder = os.fsencode(tmp_path) + b"/\xff\xfe"
    shutil.copytree(os.fsencode(digits_folder), folder)
    home = {name: str(read_only_folder / name) for name in ("HOME", "MPLCONFIGDIR", "XDG_CACHE_HOME", "TFDS_DATA_DIR")}
    words = ["--steps", "2", "--report-every", "2", "--log-dir", str(tmp_path / "runs")]
    done = run_python(
        "-m", "tfport.softmax", "--data-dir", os.fsdecode(folder), *words, **home, PYTHONIOENCODING="ascii"
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert "NOT the original MNIST" in done.stdout and r"\udcff\udcfe" in done.stdout
    assert "curves.png" in assert_whole(tmp_path / "runs")
    (kept,) = (tmp_path / "runs").glob("*/config.json")
    told = json.loads(kept.read_text())["data"]
    assert told["notice"].count("items' sha256") == 4 and len(told["sha256"]) == 64


# --- files whole or not at all ---


def test_block_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "file.json"
    files.write_text(path, "old\n")
    with pytest.raises(RuntimeError, match="halfway"), files.whole(path) as temporary:
        temporary.write_text("ne")
        raise RuntimeError("halfway")
    assert path.read_bytes() == b"old\n" and list(tmp_path.iterdir()) == [path]


def test_folder_in_the_place_of_a_file(tmp_path):
    (tmp_path / "file.json").mkdir()
    with pytest.raises(OSError):
        files.write_text(tmp_path / "file.json", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


@posix
def test_a_process_killed_while_it_writes_leaves_the_old_file_and_is_in_nobodys_way(tmp_path):
    path = tmp_path / "index.html"
    files.write_text(path, "old")
    code = (
        "import sys, time; from tfport import files\n"
        "with files.whole(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half'); print('now', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "now\n"
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL and path.read_text() == "old"
    (left,) = set(tmp_path.iterdir()) - {path}
    assert files.is_left_over(left) and left.read_text() == "half"
    files.write_text(path, "new")
    assert path.read_text() == "new"


def test_two_processes_that_write_the_same_file_leave_one_of_them_whole(tmp_path):
    path = tmp_path / "results.json"
    files.write_text(path, "c" * 100_000)
    code = (
        "import sys; from tfport import files\nfor _ in range(50): files.write_text(sys.argv[1], sys.argv[2] * 100_000)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), letter]) for letter in "ab"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        seen.add(path.read_text())
    assert [writer.returncode for writer in writers] == [0, 0]
    assert {path.read_text()} < seen | {path.read_text()} <= {letter * 100_000 for letter in "abc"}
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_dead_writer_left_is_not_in_the_way_of_a_site(tmp_path):
    from tfport import registry
    from tfport.compare import page

    (tmp_path / ".tmp-0123abcd-index.html").write_text("<html")
    page.write([registry.find("softmax")], str(tmp_path))
    assert page.MARK in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_report_of_parity_onto_a_full_disk_is_known_before_the_climb(small_disk):
    from tfport.parity import command

    with pytest.raises(UserError, match="--json .*: its folder cannot be written .No space left on device"):
        command.main(["softmax"], ["--json", str(small_disk(8192) / "report.json")])


def test_errors_of_the_disk_are_told_from_others():
    told = files.disk_fault(OSError(errno.EROFS, os.strerror(errno.EROFS), "/x"))
    assert told == f"{os.strerror(errno.EROFS)}: /x"
    try:
        try:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise RuntimeError("weights not saved") from error
    except RuntimeError as error:
        assert files.disk_fault(error) == os.strerror(errno.ENOSPC)
    assert files.disk_fault(FileNotFoundError(errno.ENOENT, "No such file")) is None
    assert files.disk_fault(ValueError("full of mistakes")) is None
