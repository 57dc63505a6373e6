"""The summaries of the TF1 tutorial and of its Keras twin, read back by TensorBoard and compared."""

import dataclasses
import itertools
import json
import re

import numpy as np
import pytest

from tfport import callbacks, parity, registry, tensorboard
from tfport.parity import sides
from tfport.parity.rungs import KEEP_PROB

pytestmark = pytest.mark.rows
UPDATES = 108  # 120 steps of the tutorial, one of them traced


class SummariesFirst(sides._MaskedSession):
    """Runs summaries and update one after the other: together, TF1 reads a weight before the update or after it."""

    def run(self, fetches, feed_dict=None, **options):
        net = self._side.net
        if isinstance(fetches, list) and fetches == [net.merged, net.train_step]:
            feed = dict(feed_dict) | self._side.feed_masks(self._seed, self.updates, len(feed_dict[net.x]))
            summary = self._side.session.run(net.merged, feed, **options)
            return [summary, super().run(net.train_step, feed_dict)]
        return super().run(fetches, feed_dict, **options)


@pytest.fixture(scope="module")
def lockstep(tmp_path_factory):
    """Folders of both sides' summaries after the same updates: same weights, batches and dropout masks."""
    from tfport.data import Digits, Split, synthetic
    from tfport.data.digits import scale

    x, y, test_x, test_y = synthetic.digits(train=2000, test=200, seed=3)
    train, test = Split(scale(x), y.astype(np.int32)), Split(scale(test_x), test_y.astype(np.int32))
    digits = Digits(train, train, test, "synthetic", "a test", "0" * 64)
    folder = tmp_path_factory.mktemp("logs")
    pair = parity.Pair.of(registry.find("summaries"))
    port = sides.KerasSide(pair, pair.twin_config({}, steps=UPDATES, dropout_rate=1 - KEEP_PROB), 1)
    legacy = pair.legacy_config({}, steps=UPDATES, dropout=KEEP_PROB, seed=1)
    graph = sides.GraphSide(pair, dataclasses.replace(legacy, log_dir=str(folder / "old")), 1)
    port.model.set_weights(graph.weights())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sides, "_MaskedSession", SummariesFirst)
        graph.train(digits, sides.training_rows(train, port.config), port.seed)
    graph.close()
    port.train(digits, callbacks.mnist_with_summaries(folder / "new", test.inputs, test.targets))
    return folder / "old", folder / "new"


def test_every_tag_of_the_tutorial_is_written_with_its_kind_and_steps(lockstep):
    comparison = tensorboard.compare(*lockstep)
    assert comparison.same, comparison.table()
    meant = {(row.part, row.tag) for row in comparison.rows if not row.same}
    assert meant == {("train", "keras"), ("train", "step099")}
    kinds = {row.old.kind for row in comparison.rows if row.old is not None}
    assert kinds == {"scalar", "histogram", "image", "graph", "run metadata"}
    # 20 statistics of weights, 4 histograms of weights among them, 4 of activations, 3 scalars, 10 images
    assert len([row for row in comparison.rows if row.part == "test"]) == 20 + 4 + 3 + 10
    (accuracy,) = [row for row in comparison.rows if (row.part, row.tag) == ("test", "accuracy_1")]
    assert sorted(accuracy.new.values) == list(range(0, 120, 10))
    (loss,) = [row for row in comparison.rows if (row.part, row.tag) == ("train", "cross_entropy_1")]
    assert sorted(loss.new.values) == [step for step in range(120) if step % 10]


def test_values_of_a_lockstep_run_agree(lockstep):
    rows = tensorboard.compare(*lockstep).rows
    compared = [row for row in rows if row.same and row.old.kind in ("scalar", "histogram")]
    assert len(compared) == 2 * (20 + 4 + 3)
    for row in compared:
        assert row.error <= 1e-4, (row.part, row.tag, row.error)
        # Not two constants: all move, but for the probability to keep.
        assert len(set(row.new.values.values())) > 1 or row.tag.endswith("dropout_keep_probability")


def test_histograms_have_the_buckets_of_tf1(lockstep):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    buckets = []
    for folder in lockstep:
        events = EventAccumulator(str(folder / "test"))
        events.Reload()
        buckets.append(events.Histograms("layer1/Wx_plus_b/pre_activations")[0].histogram_value)
    np.testing.assert_array_equal(buckets[0].bucket_limit, buckets[1].bucket_limit)
    assert np.abs(np.subtract(buckets[0].bucket, buckets[1].bucket)).sum() <= 1e-4 * buckets[0].num


def test_images_are_the_same_pixels(lockstep):
    from tensorboard.backend.event_processing.event_accumulator import IMAGES, EventAccumulator

    for part in ("train", "test"):
        shown = []
        for folder in lockstep:
            events = EventAccumulator(str(folder / part), size_guidance={IMAGES: 0})
            events.Reload()
            shown.append([each.encoded_image_string for each in events.Images("input_reshape/input/image/3")])
        assert shown[0] == shown[1] and len(shown[0]) >= 12


def test_run_metadata_holds_the_times_of_the_layers(lockstep):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from legacy_tf1 import tf

    events = EventAccumulator(str(lockstep[1] / "train"))
    events.Reload()
    (metadata,) = events.Tensors("step099")
    told = tf.RunMetadata.FromString(metadata.tensor_proto.string_val[0])
    (device,) = told.step_stats.dev_stats
    names = {node.node_name for node in device.node_stats}
    in_graph = {node.name for node in tf.GraphDef.FromString(events.Graph().SerializeToString()).node}
    assert all(node.op_end_rel_micros > 0 for node in device.node_stats)
    for layer in ("layer1", "layer2"):
        # Keras 3 numbers the scopes of a model that is called twice.
        assert any(re.search(rf"/{layer}(_\d+)?/", name) and name in in_graph for name in names), sorted(names)
    assert (lockstep[1] / "train" / "plugins" / "profile" / "step099").is_dir()


def test_graph_shows_the_model_by_layer_names(lockstep):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.graph import keras_util

    events = EventAccumulator(str(lockstep[1] / "train"))
    events.Reload()
    operations = {node.name for node in events.Graph().node}
    for layer in ("flatten", "layer1", "dropout", "layer2"):
        assert any(re.search(rf"/{layer}(_\d+)?/", f"/{name}") for name in operations), layer
    (described,) = events.Tensors("keras")
    drawn = keras_util.keras_model_to_graph_def(json.loads(described.tensor_proto.string_val[0]))
    edges = {(source, node.name) for node in drawn.node for source in node.input}
    names = ["images", "flatten", "layer1", "dropout", "layer2"]
    assert edges == set(itertools.pairwise(names))


def test_a_missing_tag_a_missing_step_and_another_value_are_seen(lockstep, tmp_path):
    from tfport.tensorboard import Comparison, Row, Series

    rows = tensorboard.compare(*lockstep).rows
    row = next(row for row in rows if row.tag == "accuracy_1")
    fewer = Series("scalar", dict(list(row.new.values.items())[1:]))
    for changed in (Row("test", "accuracy_1", row.old, None), Row("test", "accuracy_1", row.old, fewer)):
        assert not Comparison([*rows, changed]).same and "DIFFERENT" in Comparison([*rows, changed]).table()
    off = Series("scalar", {step: (1.01 * value,) for step, (value,) in row.old.values.items()})
    assert Row("test", "accuracy_1", row.old, off).error == pytest.approx(0.01)
