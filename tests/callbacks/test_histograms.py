import numpy as np
import pytest
import tensorflow as tf
from tensorboard.compat.proto.summary_pb2 import Summary

from tfport.callbacks import histograms

pytestmark = pytest.mark.rows


@pytest.fixture
def summary(monkeypatch):
    monkeypatch.setattr(histograms, "SMALL", 0)
    return tf.function(lambda values: histograms.histogram_summary("a/tag", values))


def edges():
    """Around every bound the float32 numbers next to it, and the ends of the range."""
    with np.errstate(over="ignore"):
        near = histograms.limits().astype(np.float32)
    near = near[np.isfinite(near)]
    tiny = np.finfo(np.float32)
    ends = np.array([0.0, -0.0, tiny.max, tiny.min, tiny.tiny, -tiny.tiny, 1e-45, -1e-45], np.float32)
    return np.concatenate([near, np.nextafter(near, np.inf), np.nextafter(near, -np.inf), ends]).astype(np.float32)


@pytest.mark.parametrize(
    "values",
    [
        edges(),
        np.random.default_rng(0).standard_normal((100, 50)).astype(np.float32),
        np.maximum(np.random.default_rng(1).standard_normal((7, 5, 11)), 0).astype(np.float32),
        np.zeros(40, np.float32),
        np.float32([-2.5]),
    ],
    ids=["bounds", "normal", "relu", "zeros", "one"],
)
def test_a_histogram_is_that_of_tf1(summary, values):
    ours = Summary.FromString(summary(tf.constant(values)).numpy())
    theirs = Summary.FromString(tf.raw_ops.HistogramSummary(tag="a/tag", values=values).numpy())
    assert [value.tag for value in ours.value] == ["a/tag"]
    (mine,), (its,) = ([value.histo for value in each.value] for each in (ours, theirs))
    for exact in ("min", "max", "num", "bucket_limit", "bucket"):
        assert getattr(mine, exact) == getattr(its, exact), exact
    scale = np.abs(values.astype(np.float64)).sum()
    assert mine.sum == pytest.approx(its.sum, abs=1e-12 * scale)
    assert mine.sum_squares == pytest.approx(its.sum_squares, rel=1e-12)
    assert mine.num == values.size > 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_as_in_tf1(summary, value):
    with pytest.raises(tf.errors.InvalidArgumentError, match="istogram"):
        summary(tf.constant([1.0, value, 2.0]))


def test_small_ones_are_left_to_the_operation():
    graph = tf.Graph()
    with graph.as_default():
        histograms.histogram_summary("small", tf.zeros([10, 10]))
        assert {op.type for op in graph.get_operations()} >= {"HistogramSummary"}
        assert "DenseBincount" not in {op.type for op in graph.get_operations()}
