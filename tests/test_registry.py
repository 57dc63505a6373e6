import dataclasses
import importlib.metadata
import sys
import types

import pytest

from tfport import cli, registry
from tfport.errors import UserError


@pytest.fixture
def rows(monkeypatch):
    """A registry that forgets what a test adds."""
    monkeypatch.setattr(registry, "_TUTORIALS", dict(registry.tutorials()))


ROW = registry.Tutorial("mine", "a pair of one's own", "my.old", "my.new", "my.models:mine")


def test_a_pair_of_ones_own_is_found(rows):
    registry.register(ROW)
    assert registry.find("mine") == ROW and "cnn" in registry.tutorials()


def test_registering_twice_is_harmless_and_a_taken_name_is_not(rows):
    registry.register(ROW)
    registry.register(ROW)
    with pytest.raises(UserError, match="'cnn' is registered already"):
        registry.register(registry.Tutorial("cnn", "another", "a", "b", "c:d"))


def test_entry_points_are_walked(rows, monkeypatch):
    module = types.ModuleType("somebodys_package")
    module.ROW, module.NONSENSE = ROW, 3
    monkeypatch.setitem(sys.modules, "somebodys_package", module)

    def install(target):
        point = importlib.metadata.EntryPoint("mine", f"somebodys_package:{target}", registry.ENTRY_POINTS)
        monkeypatch.setattr(
            importlib.metadata, "entry_points", lambda group: [point] if group == registry.ENTRY_POINTS else []
        )

    install("ROW")
    assert registry.find("mine") == ROW
    install("MISSING")
    with pytest.warns(UserWarning, match="entry point mine .* is left out"):
        assert "cnn" in registry.tutorials()
    module.TAKEN = dataclasses.replace(registry.find("cnn"), title="another")
    install("NONSENSE")
    with pytest.warns(UserWarning, match="mine .* is left out: it is no tfport.registry.Tutorial"):
        assert "cnn" in registry.tutorials()
    install("TAKEN")
    with pytest.warns(UserWarning, match="is left out: a tutorial named 'cnn' is registered already"):
        assert registry.tutorials()["cnn"].title != "another"


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(UserError, match="no tutorial named 'cnnn'; did you mean cnn"):
        registry.find("cnnn")
    with pytest.raises(UserError, match="there are: temperature, logistic, "):
        registry.find("transformer")


def test_cli_lists_every_pair(capsys):
    assert cli.main(["list"]) == 0
    text = capsys.readouterr().out
    for row in registry.tutorials().values():
        assert row.name in text and row.legacy in text and row.twin in text


def test_cli_help_and_version(capsys):
    assert cli.main([]) == cli.main(["--help"]) == cli.main(["--version"]) == 0
    assert "tfport parity NAME" in capsys.readouterr().out


@pytest.mark.parametrize(("words", "sentence"), [
    (["list", "extra"], "unknown command 'list extra'"),
    (["frobnicate"], "unknown command 'frobnicate'"),
    (["parity"], "takes the name of a pair first"),
    (["parity", "--data", "fake"], "takes the name of a pair first"),
    (["parity", "cnn", "logistix"], "did you mean logistic"),
    (["parity", "logistic", "--data", "fake"], "logistic learns from data of its own"),
    (["parity", "cnnn"], "did you mean cnn"),
    (["parity", "cnn", "--rungs", "9"], "--rungs takes numbers from 1 to 5"),
    (["parity", "cnn", "--json", "no/such/folder/x.json"], "--json no/such/folder/x.json: its folder cannot be"),
])  # fmt: skip
def test_cli_answers_mistakes_with_one_sentence(words, sentence):
    with pytest.raises(UserError) as caught:
        cli.main(words)
    assert sentence in str(caught.value) and "\n" not in str(caught.value)


def test_console_command_is_installed(run_python):
    done = run_python("-m", "tfport", "parity", "nothing")
    assert done.returncode == 2 and done.stderr.startswith("error: no tutorial named 'nothing'")
    scripts = {point.name: point.value for point in importlib.metadata.entry_points(group="console_scripts")}
    assert scripts["tfport"] == "tfport.cli:entry"
