"""What README promises in code blocks is what there is."""

import ast
import re

import pytest

from tests.conftest import ROOT
from tfport import registry

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_exactly_two_set_up_commands_stand_near_the_top():
    commands = re.findall(r"^python -m pip install .*$", README, flags=re.MULTILINE)
    assert commands == [
        "python -m pip install . && python -m tfport.cnn",
        'python -m pip install ".[test]" && python -m pytest',
    ]
    assert README.index(commands[1]) < 2500


def test_ci_calls_readmes_test_command():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    pattern = re.search(r"grep -m 1 '([^']+)' README\.md", script).group(1)
    first = next(line for line in README.splitlines() if re.search(pattern, line))
    assert first == 'python -m pip install ".[test]" && python -m pytest'


@pytest.mark.parametrize("name", registry.tutorials())
def test_every_pair_is_in_the_table(name):
    assert f"`{name}`" in README


def test_tests_that_the_table_of_faults_names_exist():
    section = README.partition("## What happens when things go wrong\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")][2:]
    faults = [row for row in rows if len(row) > 1]  # one cell alone is a heading
    assert len(faults) >= 30
    pattern = r"`(tests/[\w/]+\.py)::(test_\w+)`"
    nameless = [row for row in faults if not re.fullmatch(f"{pattern}(, {pattern})*", row[-1])]
    assert not nameless
    for file, test in (named for row in faults for named in re.findall(pattern, row[-1])):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{test}"


def test_links_of_readme_exist():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
