"""Two workers on the loopback interface: the same losses as one, and a job that ends when a worker dies."""

import json
import os
import socket
import sys
from pathlib import Path

import launch_workers
import pytest

from tests.conftest import ROOT
from tests.listening import other_address
from tfport.errors import UserError
from tfport.versions import keras_generation

SCRIPT = ROOT / "scripts" / "launch_workers.py"
# The program `summaries`, of which a worker can be made to die before its last report.
PROGRAM = """
import json, os, signal, sys
from tfport import callbacks, summaries, training

class Dies(callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1 and json.loads(os.environ["TF_CONFIG"])["task"]["index"] == 1:
            os.kill(os.getpid(), signal.SIGKILL)

mortal = sys.argv.pop(1) == "mortal"
config = summaries.Config.parse(sys.argv[1:], prog="program", description="")
with training.start("summaries", config, summaries.build) as run:
    run.fit([Dies()] if mortal else [])
    run.save()
    run.finish()
"""
FLAGS = ("--data", "mnist", "--batch-size", "20", "--steps", "12", "--report-every", "4", "--dropout-rate", "0.25")

needs_keras_2 = pytest.mark.skipif(keras_generation() == 3, reason="tf.distribute trains models of Keras 2 alone")


@pytest.fixture
def job(tmp_path, digits_folder, run_python):
    """Runs PROGRAM with FLAGS in so many workers (0: without launcher)."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)

    def run(workers, kind, *flags):
        words = [str(program), kind, *FLAGS, "--data-dir", str(digits_folder), *flags]
        if workers:
            words = [
                str(SCRIPT),
                "--deadline",
                "300",
                str(workers),
                sys.executable,
                *words,
                "--strategy",
                "multiworker",
            ]
        return run_python(*words, PYTHONPATH=str(ROOT), timeout=400)

    return run


def losses(folder):
    (found,) = Path(folder).glob("*/metrics.jsonl")
    return [json.loads(line)["loss"] for line in found.read_text().splitlines()]


@needs_keras_2
@pytest.mark.rows
def test_two_workers_learn_what_one_learns(job, tmp_path):
    one, two = (job(n, "sound", "--log-dir", str(tmp_path / str(n))) for n in (0, 2))
    assert one.returncode == 0, one.stderr
    assert two.returncode == 0, two.stderr
    assert losses(tmp_path / "2") == pytest.approx(losses(tmp_path / "0"), rel=1e-4)
    assert two.stdout.count("Step: ") == 3 and len(list((tmp_path / "2").iterdir())) == 1


@needs_keras_2
def test_a_worker_that_is_killed_ends_the_job_and_the_next_start_resumes(job, tmp_path):
    killed = job(2, "mortal", "--log-dir", str(tmp_path / "runs"))
    assert killed.returncode != 0
    assert "worker 1 of 2 was ended by SIGKILL; the others are ended" in killed.stderr
    (folder,) = (tmp_path / "runs").iterdir()
    assert "12" not in [report.split()[1] for report in killed.stdout.splitlines() if report.startswith("Step")]
    resumed = job(2, "sound", "--resume", str(folder))
    assert resumed.returncode == 0, resumed.stderr
    assert "goes on after step" in resumed.stdout
    whole = job(0, "sound", "--log-dir", str(tmp_path / "whole"))
    assert whole.returncode == 0, whole.stderr
    assert losses(tmp_path / "runs") == pytest.approx(losses(tmp_path / "whole"), rel=1e-4)


def test_the_first_failure_is_shown_and_the_others_are_ended(capfd, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import json, os, sys, time\n"
        "index = json.loads(os.environ['TF_CONFIG'])['task']['index']\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "with open(f'{index}.part', 'w') as file:\n    file.write(str(os.getpid()))\n"
        "os.rename(f'{index}.part', str(index))\n"
        "if index == 1:\n"
        "    while not (os.path.exists('0') and os.path.exists('2')):\n        time.sleep(0.01)\n"
        "    sys.exit('no more paper')\n"
        "time.sleep(600)\n"
    )
    assert launch_workers.launch(3, [sys.executable, str(program)], 60) == 1
    said = capfd.readouterr().err
    assert "worker 1 of 3 left with 1; the others are ended" in said and "no more paper" in said
    for index in (0, 2):
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / str(index)).read_text()), 0)


def test_a_deadline_ends_workers_that_wait():
    with pytest.raises(UserError, match=r"--deadline 1: workers 0, 1 have not finished in time and are ended"):
        launch_workers.launch(2, [sys.executable, "-c", "import time; time.sleep(600)"], 1)


def test_workers_get_ports_of_their_own():
    ports = launch_workers.free_ports(4)
    assert len(set(ports)) == 4
    for port in ports:
        with socket.socket() as free:
            free.bind(("127.0.0.1", port))


@pytest.mark.parametrize("words", [[], ["2"], ["python"], ["0", "python"]])
def test_what_is_missing_is_said_in_one_sentence(run_python, words):
    done = run_python(str(SCRIPT), *words)
    assert done.returncode == 2 and done.stderr.startswith("error: ") and "Traceback" not in done.stderr


def test_a_command_that_is_not_there_is_named():
    with pytest.raises(UserError, match="no-such-program: cannot be started"):
        launch_workers.launch(1, ["no-such-program"], 5)


# Listens as TensorFlow's servers do, on every interface, and says which addresses reach it.
OPEN = """
import socket, sys
with socket.create_server(("", 0)) as server:
    for address in sys.argv[1:]:
        try:
            socket.create_connection((address, server.getsockname()[1]), timeout=30).close()
            print(address, "reached")
        except OSError as error:
            print(address, type(error).__name__)
"""


def needs_namespaces(done):
    if "every network interface" in done.stderr:
        message = "this kernel lets nobody make network namespaces; the launcher says so"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces")
def test_workers_have_the_loopback_interface_alone(run_python):
    other = other_address()
    words = ["1", sys.executable, "-c", OPEN, "127.0.0.1", *([other] if other else [])]
    done = run_python(str(SCRIPT), *words)
    needs_namespaces(done)
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "127.0.0.1 reached" and (not other or lines[1] == f"{other} OSError")
    done = run_python(str(SCRIPT), "--network", *words)
    assert "warning: TensorFlow's workers listen on every network interface" in done.stderr
    assert done.stdout.count("reached") == len(lines)


@needs_keras_2
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_tensorflows_own_servers_are_out_of_reach(tmp_path, run_python):
    program = tmp_path / "program.py"
    program.write_text(
        "import tensorflow as tf\n"
        "strategy = tf.distribute.MultiWorkerMirroredStrategy()\n"
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.listening import listening\n"
        "print('listens', sorted(listening(os.getpid())))\n"
        "print('interfaces', [line.split(':')[0].strip() for line in open('/proc/net/dev').readlines()[2:]])\n"
    )
    done = run_python(str(SCRIPT), "--deadline", "300", "2", sys.executable, str(program), str(ROOT))
    needs_namespaces(done)
    assert done.returncode == 0, done.stderr
    assert "listens [('::'," in done.stdout or "listens [('0.0.0.0'," in done.stdout, "why this is needed"
    assert "interfaces ['lo']" in done.stdout


@pytest.mark.parametrize("words", [
    ["9" * 30, "true"], ["1000000", "true"], ["--deadline=nan", "2", "true"], ["--deadline=-1", "2", "true"],
    ["--deadline=1e400", "2", "true"], ["2", ""], ["2", "x" * 5000], ["2", "/dev/null"],
    ["--network=maybe", "2", "true"],
])  # fmt: skip
def test_strange_words_are_answered_before_a_worker_starts(words, run_python):
    done = run_python(str(SCRIPT), *words)
    assert done.returncode == 2 and done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1
