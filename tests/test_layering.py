"""Reads the imports with ast, no TensorFlow: dependencies flow one way, and every tutorial has its twin."""

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tfport import registry

# What each part may import of the project. Base modules know nothing of digits, graphs or Keras.
BASE = {"errors", "files", "flags", "lazy", "processor", "startup", "versions"}
MAY_IMPORT = {
    "errors": set(),
    "files": set(),
    "lazy": set(),
    "flags": {"errors", "files"},
    "processor": set(),
    "versions": {"errors", "processor"},
    "startup": {"errors", "processor", "versions"},
    "registry": {"errors"},
    "data": {"errors", "files"},
    "plots": {"files"},
    "models": {"keras", "layers"},
    "layers": {"keras"},
    "training": {"keras", "data", "callbacks", *BASE},
    "callbacks": {"plots", "errors", "files"},
    "program": {"keras", "data", "plots", "models", "training", "callbacks", *BASE},
    "parity": {"keras", "data", "training", "registry", *BASE},
    "tensorboard": {"startup", *BASE},
    "compare": {"data", "training", "plots", "registry", *BASE},
    "audit": {"compare", "registry", *BASE},
    "interop": {"keras", "data", "plots", "training", "registry", *BASE},
    "cli": {"audit", "interop", "compare", "parity", "tensorboard", "registry", "__version__", *BASE},
    "__init__": {"keras", "callbacks", *BASE},
    "__main__": {"cli"},
}
# Data and plots serve both trees. So do these of the base: both trees answer a wrong flag and a broken installation
# with the same sentence (flags, errors, startup), and --help before TensorFlow is loaded (lazy).
LEGACY_MAY_IMPORT = {"data", "plots", "flags", "errors", "startup", "lazy"}


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Dotted names that a file imports, at its head or anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def part(dotted: str) -> str:
    return dotted.split(".")[1] if "." in dotted else "__init__"


def own_part(path: Path) -> str:
    relative = path.relative_to(ROOT / "tfport")
    name = relative.parts[0].removesuffix(".py")
    return "program" if name in registry.tutorials() else name


@pytest.mark.parametrize("path", modules("tfport"), ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_down(path):
    own = own_part(path)
    allowed = MAY_IMPORT[own] | ({path.relative_to(ROOT / "tfport").parts[0]} if own != "program" else set())
    of_project = {part(name) for name in imported(path) if name.split(".")[0] == "tfport"}
    assert of_project <= allowed, f"{own} may not import {sorted(of_project - allowed)}"


@pytest.mark.parametrize("path", modules("tfport"), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_parts_on_top_see_both_trees(path):
    legacy = {name for name in imported(path) if name.split(".")[0] == "legacy_tf1"}
    assert not legacy or own_part(path) in {"parity", "compare", "interop", "audit", "cli"}


@pytest.mark.parametrize("path", modules("legacy_tf1"), ids=lambda path: str(path.relative_to(ROOT)))
def test_legacy_programs_know_no_keras(path):
    names = imported(path)
    assert {part(name) for name in names if name.split(".")[0] == "tfport"} <= LEGACY_MAY_IMPORT
    if "compat" not in path.parts:
        assert not any("keras" in name for name in names)
        source = path.read_text(encoding="utf-8")
        used = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
        assert not used & {"keras", "layers", "estimator"}, "graph-mode programs keep to tf.nn, tf.Variable, Session"
        assert "disable_v2_behavior" not in source


def test_data_and_plots_know_neither_keras_nor_graphs():
    for path in [*modules("tfport/data"), ROOT / "tfport/plots.py"]:
        assert not any(name.split(".")[0] in ("tensorflow", "keras", "tf_keras") for name in imported(path)), path


def test_every_tutorial_has_both_programs_and_a_builder():
    for tutorial in registry.tutorials().values():
        for module in (tutorial.legacy, tutorial.twin):
            assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), module
        module, function = tutorial.builder.split(":")
        tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_program_is_registered():
    """A file of either tree that can be run as a program is a row of the registry."""
    rows = registry.tutorials()
    for package, attribute in (("tfport", "twin"), ("legacy_tf1", "legacy")):
        named = {getattr(row, attribute) for row in rows.values()}
        for path in (ROOT / package).glob("*.py"):
            if path.stem != "__main__" and 'if __name__ == "__main__":' in path.read_text(encoding="utf-8"):
                assert f"{package}.{path.stem}" in named, f"{path.name} is in no row of the registry"


def test_every_builder_is_registered():
    tree = ast.parse((ROOT / "tfport/models.py").read_text(encoding="utf-8"))
    builders = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.returns is not None and ast.unparse(node.returns) == "keras.Model"
    }
    assert builders == {row.builder.split(":")[1] for row in registry.tutorials().values()}


def test_twins_name_each_other_in_their_first_line():
    for row in registry.tutorials().values():
        old, new = (f"{module.replace('.', '/')}.py" for module in (row.legacy, row.twin))
        assert f"TF1 twin: {old}" in (ROOT / new).read_text(encoding="utf-8").splitlines()[0]
        assert f"Keras twin: {new}" in (ROOT / old).read_text(encoding="utf-8").splitlines()[0]
