import ast
import collections
import functools
import itertools
import re

import pytest

from tests.conftest import ROOT
from tfport import registry
from tfport.compare import api, words
from tfport.compare.constructs import by_spelling, entries, uses
from tfport.compare.ledger import LEDGER
from tfport.compare.sections import sections

# Of the originals, which our programs write otherwise: argparse, our own files, Keras's.
OF_ORIGINALS_ALONE = {"tf.app.run", "tf.gfile.Exists"}
METHODS = {"run", "minimize", "next_batch", "add_summary", "add_run_metadata"}
KEYWORDS = {"feed_dict", "gate_gradients", "one_hot", "fake_data"}


def constructs(source):
    """TF1 constructs in a source, found in another way than the ledger's own."""
    found = set(re.findall(r"\btf(?:\.\w+)+", re.sub(r'"""(?:.|\n)*?"""|#.*|``.*?``', "", source)))
    found |= {f".{name}" for name in METHODS if re.search(rf"\w\.{name}\(", source)}
    return found | {f"{name}=" for name in KEYWORDS if re.search(rf"\b{name}=", source)}


def test_every_construct_of_the_programs_is_in_the_ledger():
    known = by_spelling()
    sources = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "legacy_tf1").glob("*.py")}
    missing = {
        construct: name
        for name, source in sources.items()
        for construct in constructs(source)
        if construct not in known and not any(construct.startswith(f"{spelling}.") for spelling in known)
    }
    assert missing == {}


@pytest.mark.parametrize("path", sorted((ROOT / "legacy_tf1").glob("*.py")), ids=lambda path: path.stem)
def test_every_construct_is_found_where_it_stands(path):
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    found = collections.defaultdict(set)
    for use in uses(source):
        text = lines[use.line - 1][use.start : use.end]
        assert {text, f".{text}", f"{text}="} & set(use.entry.spellings), (text, use)
        found[text].add(use.line)
    for construct in constructs(source):
        assert found[construct.strip(".=")], construct


def test_no_spelling_occurs_twice_and_entries_stand_by_topic():
    counts = collections.Counter(spelling for entry in LEDGER for spelling in entry.spellings)
    assert [spelling for spelling, count in counts.items() if count > 1] == []
    topics = [entry.topic for entry in LEDGER]
    assert len(set(topics)) == 1 + sum(a != b for a, b in itertools.pairwise(topics))
    assert set(topics) <= set(words.SECTIONS)


def test_every_entry_is_shown_by_a_pair():
    shown = set()
    for pair in registry.tutorials().values():
        shown |= set(entries(piece.source for section in sections(pair) for piece in section.old))
    # What pairs share: input_data.py, program.py.
    for name in ("input_data", "program"):
        shown |= set(entries([(ROOT / f"legacy_tf1/{name}.py").read_text(encoding="utf-8")]))
    assert {entry.spellings[0] for entry in LEDGER if entry not in shown} == OF_ORIGINALS_ALONE


@pytest.mark.parametrize("text", [*words.PAGE.values(), *words.SECTIONS.values(), *words.RUNGS.values(), *LEDGER,
                                  *(part for about in words.PAIRS.values() for part in about)])  # fmt: skip
def test_both_languages_say_the_same_of_the_same_code(text):
    assert text.en.strip() and text.ko.strip()
    assert re.search("[가-힣]", text.ko)
    assert not re.search("[가-힣]", text.en)
    # Each in its own order; an article of one language may repeat a name.
    code = [set(re.findall("`([^`]*)`", part)) for part in (text.en, text.ko)]
    assert code[0] ^ code[1] <= {"input_data"}
    assert text.en.count("`") % 2 == text.ko.count("`") % 2 == 0


def test_every_pair_is_told_of():
    assert set(words.PAIRS) == set(registry.tutorials())


@pytest.mark.parametrize("entry", [entry for entry in LEDGER if entry.heir], ids=lambda entry: entry.spellings[0])
def test_every_heir_is_there(entry):
    """Dotted names in it lead to something in Keras, tfport, TensorFlow or the standard library."""
    import argparse
    import pathlib

    import tensorflow as tf

    from tfport import callbacks, data, keras, training

    roots = {"keras": keras, "tf": tf, "training": training, "callbacks": callbacks, "data": data,
             "argparse": argparse, "pathlib": pathlib}  # fmt: skip
    names = set()
    for node in ast.walk(ast.parse(entry.heir)):
        if isinstance(node, ast.Attribute):
            names.add(ast.unparse(node))
    for name in names:
        root, *rest = name.split(".")
        if root in roots:
            at = roots[root]
            for part in rest:
                at = getattr(at, part)
        else:
            assert root in ("model", "layer", "digits", "parser"), f"{name}: what is {root}?"


def test_every_name_that_audit_gives_as_an_heir_is_there():
    """Those of TensorFlow and Keras, which are written in prose; and each is asked for by a name that needs one."""
    import tensorflow as tf

    from tfport import keras

    for old, heir in api.HEIRS.items():
        assert api.status(old) != "kept" or old in api.KERAS_PARTS, old
        for name in re.findall(r"\b(?:keras|tf)(?:\.\w+)+", heir):
            root, *rest = name.split(".")
            functools.reduce(getattr, rest, keras if root == "keras" else tf)


@pytest.mark.parametrize(
    "name", ["log", "nn.dropout", "Variable", "nn.relu", "train.AdamOptimizer", "train.Checkpoint"]
)
def test_what_the_lists_say_of_a_name_is_so(name):
    import tensorflow as tf

    def at(root):
        try:
            return functools.reduce(getattr, name.split("."), root)
        except AttributeError:
            return None

    old, new = at(tf.compat.v1), at(tf)
    wanted = "v1 only" if new is None else "kept" if new is old else "changed"
    assert api.status(name) == wanted


def test_a_part_of_a_longer_name_is_not_found_again():
    found = [(use.entry.spellings[0], use.start, use.end) for use in uses("é = tf.train.Optimizer.GATE_NONE")]
    assert found == [("gate_gradients=", 4, 32)]
    assert [use.entry.spellings[0] for use in uses("tf.nn.dropout(x, keep_prob=0.5)")] == ["tf.nn.dropout"] * 2
    assert uses("other.nn.dropout(x)\nsubprocess.check_call()") == []
