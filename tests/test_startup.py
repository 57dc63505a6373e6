"""What a program hides of TensorFlow's start, and what it must not hide; a stand-in plays TensorFlow."""

import pytest

STAND_IN = """
import logging, os
os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n")
os.write(2, b"I0000 00:00:1.2 3 port.cc:153] oneDNN custom operations are on.\\n")
os.write(2, b"E0000 00:00:1.2 3 disk.cc:1] something worth knowing\\n")
class config:
    list_physical_devices = staticmethod(lambda kind: [])
get_logger = logging.getLogger
"""
PREPARE = (
    "import os; from tfport import startup, versions; versions.problem = lambda **_: None;"
    "startup.prepare(keras=False);"
    "print(os.environ.get('TF_CPP_MIN_LOG_LEVEL'))"
)


@pytest.fixture
def prepared(run_python, tmp_path, monkeypatch):
    """Run ``startup.prepare()`` with a module in TensorFlow's place."""
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)

    def run(source=STAND_IN, **environment):
        (tmp_path / "tensorflow.py").write_text(source)
        code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {PREPARE}"
        return run_python("-c", code, **environment)

    return run


def test_chatter_is_hidden_and_what_matters_is_shown(prepared):
    done = prepared()
    assert done.stderr == "E0000 00:00:1.2 3 disk.cc:1] something worth knowing\n"
    assert done.stdout == "None\n"  # processes started later inherit nothing


def test_a_level_set_by_the_user_shows_everything(prepared):
    done = prepared(TF_CPP_MIN_LOG_LEVEL="0")
    assert len(done.stderr.splitlines()) == 3 and done.stdout == "0\n"


def test_an_abort_during_the_import_leaves_a_trace(prepared):
    done = prepared("import os; os.abort()")
    assert done.returncode != 0 and "Fatal Python error: Aborted" in done.stderr


def test_an_exception_during_the_import_comes_through_with_what_was_held_back(prepared):
    done = prepared("import os; os.write(2, b'half a message\\n'); raise ImportError('no such library')")
    assert "half a message" in done.stderr and "no such library" in done.stderr
