import pytest

from tfport import versions
from tfport.errors import UserError

GOOD = {"tensorflow": "2.21.0", "tf-keras": "2.21.0", "keras": "3.15.1", "tensorboard": "2.21.0"}
REFERENCE = {"tensorflow": "2.15.1", "keras": "2.15.0", "tensorboard": "2.15.2"}


@pytest.fixture
def install(monkeypatch):
    """Pretend that these packages are installed."""
    monkeypatch.delenv("TFPORT_KERAS", raising=False)

    def pretend(packages):
        monkeypatch.setattr(versions, "installed", packages.get)

    return pretend


@pytest.mark.parametrize("packages", [GOOD, REFERENCE, {**REFERENCE, "tf-keras": "2.15.1"}])
def test_supported_rows_are_fine(install, packages):
    install(packages)
    assert versions.problem() is None


def test_forward_row_is_fine(install, monkeypatch):
    install(GOOD)
    monkeypatch.setenv("TFPORT_KERAS", "3")
    assert versions.problem() is None


@pytest.mark.parametrize(("change", "words"), [
    ({"tensorflow": None}, ["TensorFlow is not installed", "pip install 'tensorflow>=2.15,<2.22'"]),
    ({"tensorflow": "2.11.0"}, ["older than 2.15"]),
    ({"tf-keras": None}, ["tf-keras (Keras 2) is not installed", "pip install 'tf-keras==2.21.*'"]),
    ({"tf-keras": "2.18.0"}, ["tf-keras 2.18.0 does not fit TensorFlow 2.21.0", "pip install 'tf-keras==2.21.*'"]),
    ({"tensorboard": None}, ["TensorBoard is not installed", "pip install 'tensorboard==2.21.*'"]),
])  # fmt: skip
def test_a_mismatch_is_one_sentence_with_the_command_that_repairs_it(install, change, words):
    install({**GOOD, **change})
    sentence = versions.problem()
    assert sentence and "\n" not in sentence
    for word in words:
        assert word in sentence


def test_keras_3_without_keras_3(install, monkeypatch):
    install(REFERENCE)
    monkeypatch.setenv("TFPORT_KERAS", "3")
    assert "needs Keras 3" in versions.problem() and "unset TFPORT_KERAS" in versions.problem()


def test_keras_3_beside_tensorflow_2_15(install):
    install({**REFERENCE, "keras": "3.15.1"})
    assert versions.problem() == (
        "keras 3.15.1 does not fit TensorFlow 2.15.1; run: python -m pip install 'keras==2.15.*'"
    )


def test_graph_mode_programs_need_neither_keras_nor_tensorboard(install):
    install({"tensorflow": "2.21.0"})
    assert versions.problem() and versions.problem(keras=False) is None


def test_wrong_value_of_the_variable(monkeypatch):
    monkeypatch.setenv("TFPORT_KERAS", "4")
    with pytest.raises(UserError, match="TFPORT_KERAS takes 2 or 3, not '4'"):
        versions.keras_generation()


def test_a_program_says_so_and_leaves_with_2(run_python):
    code = (
        "import sys; from tfport import versions; versions.installed = {'tensorflow': '2.21.0'}.get;"
        "from tfport import cnn, flags; flags.run(lambda: cnn.main(['--data', 'fake']))"
    )
    done = run_python("-c", code)
    assert done.returncode == 2
    assert done.stderr.startswith("error: TensorBoard is not installed") and len(done.stderr.splitlines()) == 1


@pytest.mark.rows
def test_the_library_uses_one_keras_and_leaves_tf_keras_alone(run_python):
    code = (
        "import os, tensorflow as tf; before = tf.keras.Model; from tfport import keras; keras.Model;"
        "version = getattr(keras, '__version__', '2');"  # the tf.keras of TensorFlow 2.15 does not tell
        "print(version[0], 'TF_USE_LEGACY_KERAS' in os.environ, tf.keras.Model is before)"
    )
    generation = str(versions.keras_generation())
    done = run_python("-c", code, TF_CPP_MIN_LOG_LEVEL="3")
    assert done.stdout.split() == [generation, "False", "True"], done.stderr


@pytest.mark.rows
@pytest.mark.parametrize("module", [
    "tfport", "tfport.cnn", "tfport.cli", "tfport.data", "tfport.models", "tfport.training", "tfport.parity",
    "legacy_tf1", "legacy_tf1.cnn", "legacy_tf1.input_data",
])  # fmt: skip
def test_import_loads_no_tensorflow_and_prints_nothing(run_python, module):
    code = f"import sys, {module}; print([name for name in ('tensorflow', 'keras', 'tf_keras') if name in sys.modules])"
    done = run_python("-c", code)
    assert (done.stdout, done.stderr) == ("[]\n", "")
