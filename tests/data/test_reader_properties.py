"""Whatever happens to a file: the reader returns what it holds, or refuses in one sentence that names it.

``scripts/fuzz.py`` breaks and judges files; here hypothesis draws for it, and small files are broken at every place.
"""

import gzip
import shutil
import struct
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT, idx_bytes
from tfport import data
from tfport.data import idx, mnist
from tfport.data.idx import DataError

sys.path.insert(0, str(ROOT / "scripts"))
import fuzz

IMAGES = np.random.RandomState(0).randint(0, 256, (1, 28, 28)).astype(np.uint8)
LABELS = np.arange(10, dtype=np.uint8).repeat(4)
FILES = {
    f"{kind}, {how}": (pack(idx_bytes(items)), items)
    for kind, items in (("images", IMAGES), ("labels", LABELS))
    for how, pack in (("plain", bytes), ("packed", gzip.compress))
}
HUNDREDS = settings(max_examples=300, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("reader") / "file"


def outcome(path, content, items):
    return fuzz.read_one(path, content, items.ndim == 3, items)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_at_any_byte_is_refused(path, name):
    content, items = FILES[name]
    assert outcome(path, content, items) == "same"
    assert {outcome(path, content[:length], items) for length in range(len(content))} == {"refused"}


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_in_any_byte_gives_no_other_data_than_the_file_holds(path, name):
    """In a packed file none gives other data at all; in a plain one, those of the header do not."""
    content, items = FILES[name]
    found = {}
    for place in range(len(content)):
        broken = bytearray(content)
        broken[place] ^= 1 << place % 8
        found.setdefault(outcome(path, bytes(broken), items), set()).add(place)
    if "packed" in name:
        assert set(found) == {"refused", "same"}  # the same: gzip's header holds a time and a system
    else:
        header = len(content) - items.nbytes
        assert found["refused"] >= set(range(header)) and min(found["other"]) >= header


@HUNDREDS
@given(draw=st.randoms(use_true_random=False))
def test_files_broken_at_random(path, draw):
    items, images = fuzz.small_file(draw)
    content, _ = fuzz.broken(fuzz.wrapped(idx_bytes(items), draw), draw)
    assert fuzz.read_one(path, content, images, items) in ("refused", "same", "other")


@HUNDREDS
@given(draw=st.randoms(use_true_random=False))
def test_payloads_broken_at_random_and_packed_anew(path, draw):
    items, images = fuzz.small_file(draw)
    payload, _ = fuzz.broken(idx_bytes(items), draw)
    content = fuzz.wrapped(payload, draw)
    result = fuzz.read_one(path, content, images, items)
    assert (result == "same") <= (payload == idx_bytes(items))


@HUNDREDS
@given(content=st.binary(max_size=300), prefix=st.sampled_from([b"", b"\x1f\x8b", b"\x1f\x8b\x08", b"\0\0\x08\x03"]))
@example(content=b"", prefix=b"")
@example(content=b"\0\0\0\1\7", prefix=b"\0\0\x08\x01")
def test_any_bytes_at_all(path, content, prefix):
    for items in (IMAGES, LABELS):
        assert outcome(path, prefix + content, items) in ("refused", "other")


@HUNDREDS
@given(count=st.integers(0, 2**32 - 1), rows=st.integers(0, 2**32 - 1), columns=st.integers(0, 2**32 - 1))
@example(count=1_000_000, rows=28, columns=28)
@example(count=2**32 - 1, rows=28, columns=28)
def test_a_header_that_promises_much_costs_no_memory(path, count, rows, columns):
    content = struct.pack(">4I", 2051, count, rows, columns) + bytes(783)
    tracemalloc.start()
    try:
        for packed in (content, gzip.compress(content)):
            assert outcome(path, packed, IMAGES) == "refused"
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_a_bomb_takes_no_more_than_its_header_says(path):
    items = np.zeros((30_000, 28, 28), np.uint8)  # 23 MB, packed a thousand to one, and 200 MB behind them
    path.write_bytes(gzip.compress(idx_bytes(items)) + gzip.compress(bytes(200_000_000), 1))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="more bytes than its 30000 items need; get the file again"):
            idx.read_images(path)
        assert tracemalloc.get_traced_memory()[1] < 1.5 * items.nbytes
    finally:
        tracemalloc.stop()


def test_the_judge_can_fail(path):
    with pytest.raises(fuzz.Found, match="what the file does not hold"):
        fuzz.judged(LABELS, idx_bytes(LABELS[::-1]), LABELS)
    with pytest.raises(fuzz.Found, match="no file or no way out"):
        fuzz.refusal(DataError("something is wrong"), path)


def test_a_broken_file_among_published_ones_is_refused_or_named(mnist_dir, tmp_path):
    for file in mnist.FILES[:3]:
        shutil.copy(f"{mnist_dir}/{file.name}.gz", tmp_path)
    packed = Path(mnist_dir, f"{mnist.TEST_LABELS.name}.gz").read_bytes()
    plain = bytearray(gzip.decompress(packed))
    plain[5000] = (plain[5000] + 1) % 10
    assert fuzz.read_all(tmp_path, 3, packed) == "same"
    assert fuzz.read_all(tmp_path, 3, packed[:-1]) == "refused"
    assert fuzz.read_all(tmp_path, 3, bytes(plain)) == "named"
    assert data.read("mnist", tmp_path).notice.count("items' sha256") == 1


def test_the_script_counts_its_cases(run_python):
    done = run_python(str(ROOT / "scripts/fuzz.py"), "--cases", "50", "--seed", "3")
    assert done.returncode == 0 and "50 cases in " in done.stdout, done.stderr


def test_a_case_follows_from_its_number(tmp_path):
    first, again = ([fuzz.case(7, number, tmp_path, None) for number in range(20)] for _ in range(2))
    assert first == again and len(set(first)) > 5
