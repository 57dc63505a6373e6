"""A processor that lists matrix tiles and hides their description does not end the process."""

import os
import platform
import sys

import pytest

from tfport import processor


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="asks a PC's processor")
def test_cpuid_answers_the_makers_name():
    answer = processor.cpuid(0)
    assert answer is not None
    _, first, third, second = answer
    name = b"".join(part.to_bytes(4, "little") for part in (first, second, third))
    assert name.isascii() and name.decode().strip("\0").isprintable() and len(name) == 12
    assert answer[0] >= 7, "leaves that this processor knows"


@pytest.mark.parametrize(("lists", "answer", "limit"), [
    (True, (0, 0, 0, 0), "AVX512_CORE_FP16"),
    (True, (1, 0, 0, 0), None),  # it has a palette
    (True, None, None),
    (False, (0, 0, 0, 0), None),
])  # fmt: skip
def test_tiles_are_spared_only_where_nothing_describes_them(monkeypatch, lists, answer, limit):
    monkeypatch.setattr(processor, "lists_amx", lambda: lists)
    monkeypatch.setattr(processor, "cpuid", lambda leaf: answer)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "")  # to be restored afterwards
    del os.environ["ONEDNN_MAX_CPU_ISA"]
    processor.spare_amx()
    assert os.environ.get("ONEDNN_MAX_CPU_ISA") == limit
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    processor.spare_amx()
    assert os.environ["ONEDNN_MAX_CPU_ISA"] == "AVX2", "the user's own choice stands"


def test_products_in_bfloat16_survive(run_python, monkeypatch):
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)  # set by this process's conftest where that is needed
    code = (
        "from tfport import keras; keras.layers; import tensorflow as tf;"
        "a = tf.ones((64, 64), tf.bfloat16);"
        "print(int(tf.reduce_sum(tf.cast(tf.matmul(a, a), tf.float32))))"
    )
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(64**3)
