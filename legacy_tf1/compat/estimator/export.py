"""``tf.estimator.export``, exporters, and ``tf.contrib.predictor``: a trained model as SavedModel, and asked."""

from __future__ import annotations

import collections
import os
import shutil
import time
from collections.abc import Callable
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds

DEFAULT = "serving_default"


@adds("estimator.export.ServingInputReceiver")
class ServingInputReceiver(
    collections.namedtuple("ServingInputReceiver", "features receiver_tensors receiver_tensors_alternatives")
):
    """What a model is asked with: features, and the placeholders that they are made of."""

    def __new__(cls, features: Any, receiver_tensors: Any, receiver_tensors_alternatives: Any = None) -> Any:
        """Made; a single tensor gets a name."""
        if not isinstance(features, dict):
            features = {"feature": features}
        if not isinstance(receiver_tensors, dict):
            receiver_tensors = {"input": receiver_tensors}
        return super().__new__(cls, features, receiver_tensors, receiver_tensors_alternatives)


@adds("estimator.export.TensorServingInputReceiver")
class TensorServingInputReceiver(
    collections.namedtuple("TensorServingInputReceiver", "features receiver_tensors receiver_tensors_alternatives")
):
    """The same, for a model whose features are one tensor."""

    def __new__(cls, features: Any, receiver_tensors: Any, receiver_tensors_alternatives: Any = None) -> Any:
        """Made."""
        if not isinstance(receiver_tensors, dict):
            receiver_tensors = {"input": receiver_tensors}
        return super().__new__(cls, features, receiver_tensors, receiver_tensors_alternatives)


@adds("estimator.export.build_parsing_serving_input_receiver_fn")
def build_parsing_serving_input_receiver_fn(
    feature_spec: dict[str, Any], default_batch_size: int | None = None
) -> Callable[[], ServingInputReceiver]:
    """Of serialized ``tf.Example``s, parsed by a specification."""

    def receiver() -> ServingInputReceiver:
        examples = tf.placeholder(tf.string, [default_batch_size], name="input_example_tensor")
        return ServingInputReceiver(tf.parse_example(examples, feature_spec), {"examples": examples})

    return receiver


@adds("estimator.export.build_raw_serving_input_receiver_fn")
def build_raw_serving_input_receiver_fn(
    features: dict[str, Any], default_batch_size: int | None = None
) -> Callable[[], ServingInputReceiver]:
    """Of one placeholder a feature, as that is."""

    def receiver() -> ServingInputReceiver:
        made = {}
        for name, feature in features.items():
            shape = tf.TensorShape([default_batch_size]).concatenate(feature.shape[1:])
            made[name] = tf.placeholder(feature.dtype, shape, name=name)
        return ServingInputReceiver(made, dict(made))

    return receiver


@adds("estimator.export.ExportOutput")
class ExportOutput:
    """What a signature of a SavedModel gives."""


@adds("estimator.export.PredictOutput")
class PredictOutput(ExportOutput):
    """Any tensors."""

    def __init__(self, outputs: Any) -> None:
        self.outputs = outputs if isinstance(outputs, dict) else {"output": outputs}

    def signature(self, receiver: dict[str, Any]) -> Any:
        """Of these."""
        return tf.saved_model.predict_signature_def(receiver, {str(key): value for key, value in self.outputs.items()})


class _OfExamples(ExportOutput):
    def _examples(self, receiver: dict[str, Any]) -> Any:
        if len(receiver) != 1 or next(iter(receiver.values())).dtype != tf.string:
            return None  # such signatures are for serialized examples alone
        return next(iter(receiver.values()))


@adds("estimator.export.ClassificationOutput")
class ClassificationOutput(_OfExamples):
    """Classes, as texts, and their scores."""

    def __init__(self, scores: Any = None, classes: Any = None) -> None:
        if scores is None and classes is None:
            raise ValueError("ClassificationOutput needs scores, classes or both")
        self.scores, self.classes = scores, classes

    def signature(self, receiver: dict[str, Any]) -> Any:
        """Of these; None where the model is not asked with serialized examples."""
        examples = self._examples(receiver)
        if examples is None:
            return None
        return tf.saved_model.classification_signature_def(examples, self.classes, self.scores)


@adds("estimator.export.RegressionOutput")
class RegressionOutput(_OfExamples):
    """A number."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def signature(self, receiver: dict[str, Any]) -> Any:
        """Likewise."""
        examples = self._examples(receiver)
        return None if examples is None else tf.saved_model.regression_signature_def(examples, self.value)


def _new_folder(base: str) -> str:
    stamp = int(time.time())
    while os.path.exists(os.path.join(base, str(stamp))):
        stamp += 1
    return os.path.join(base, str(stamp))


def write(spec: Any, receiver: Any, checkpoint: str, base: Any, assets_extra: Any, as_text: bool) -> bytes:
    """Write the model that stands in the default graph as SavedModel.

    Args:
        spec: what ``model_fn`` returned.
        receiver: what the model is asked with.
        checkpoint: whose weights it gets.
        base: folder that gets a folder named by the time.
        assets_extra: path below assets.extra → file to copy.
        as_text: as a text protocol buffer.

    Returns:
        Path of the folder.
    """
    outputs = dict(spec.export_outputs or {DEFAULT: PredictOutput(spec.predictions)})
    if len(outputs) == 1:
        outputs.setdefault(DEFAULT, next(iter(outputs.values())))
    signatures = {}
    for name, output in outputs.items():
        signature = output.signature(receiver.receiver_tensors)
        if signature is not None:
            signatures[name] = signature
    folder = _new_folder(os.fsdecode(base))
    saver = (spec.scaffold and spec.scaffold.saver) or tf.train.Saver(sharded=True)
    with tf.Session() as session:
        saver.restore(session, checkpoint)
        builder = tf.saved_model.Builder(folder)
        builder.add_meta_graph_and_variables(
            session,
            [tf.saved_model.SERVING],
            signatures,
            tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS),
            main_op=tf.group(tf.local_variables_initializer(), tf.tables_initializer()),
            strip_default_attrs=True,
        )
        builder.save(as_text)
    for name, source in (assets_extra or {}).items():
        target = os.path.join(folder, "assets.extra", name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(source, target)
    return os.fsencode(folder)


# --- exporters ---


@adds("estimator.Exporter")
class Exporter:
    """Exports what has been evaluated."""

    name = ""

    def export(self, estimator: Any, export_path: str, checkpoint_path: Any, eval_result: Any, final: bool) -> Any:
        """Path of what was written; None where nothing was."""
        raise NotImplementedError


class _Writes(Exporter):
    def __init__(
        self, name: str, serving_input_receiver_fn: Any, assets_extra: Any = None, as_text: bool = False,
        exports_to_keep: int | None = 5,
    ) -> None:  # fmt: skip
        self.name, self._receiver, self._keep = name, serving_input_receiver_fn, exports_to_keep
        self._options = {"assets_extra": assets_extra, "as_text": as_text}

    def export(self, estimator: Any, export_path: str, checkpoint_path: Any, eval_result: Any, final: bool) -> Any:
        """Path of what was written."""
        found = estimator.export_saved_model(
            export_path, self._receiver, checkpoint_path=checkpoint_path, **self._options
        )
        if self._keep is not None:
            stamps = sorted((each for each in os.listdir(export_path) if each.isdigit()), key=int)
            for stamp in stamps[: -self._keep]:
                shutil.rmtree(os.path.join(export_path, stamp))
        return found


@adds("estimator.LatestExporter")
class LatestExporter(_Writes):
    """Each time; the last ``exports_to_keep`` are kept."""


@adds("estimator.FinalExporter")
class FinalExporter(_Writes):
    """At the end."""

    def __init__(
        self, name: str, serving_input_receiver_fn: Any, assets_extra: Any = None, as_text: bool = False
    ) -> None:
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text, exports_to_keep=None)

    def export(self, estimator: Any, export_path: str, checkpoint_path: Any, eval_result: Any, final: bool) -> Any:
        """Path of what was written at the end."""
        return super().export(estimator, export_path, checkpoint_path, eval_result, final) if final else None


def _smaller_loss(best_eval_result: Any, current_eval_result: Any) -> bool:
    return bool(best_eval_result["loss"] > current_eval_result["loss"])


@adds("estimator.BestExporter")
class BestExporter(_Writes):
    """Where an evaluation is better than all before it, as far as this process has seen."""

    def __init__(
        self, name: str = "best_exporter", serving_input_receiver_fn: Any = None, event_file_pattern: Any = None,
        compare_fn: Callable[..., bool] = _smaller_loss, assets_extra: Any = None, as_text: bool = False,
        exports_to_keep: int | None = 5,
    ) -> None:  # fmt: skip
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text, exports_to_keep)
        self._better, self._best = compare_fn, None

    def export(self, estimator: Any, export_path: str, checkpoint_path: Any, eval_result: Any, final: bool) -> Any:
        """Path of what was written, if it is better."""
        if self._best is not None and not self._better(best_eval_result=self._best, current_eval_result=eval_result):
            return None
        self._best = eval_result
        return super().export(estimator, export_path, checkpoint_path, eval_result, final)


# --- predictor ---


class Predictor:
    """A SavedModel that is asked with arrays: ``predictor({"x": rows})`` returns a dictionary of arrays."""

    def __init__(self, export_dir: Any, signature_def_key: str | None, tags: str | None, config: Any) -> None:
        self.graph = tf.Graph()
        self.session = tf.Session(graph=self.graph, config=config)
        with self.graph.as_default():
            names = (tags or tf.saved_model.SERVING).split(",")
            meta = tf.saved_model.load(self.session, names, os.fsdecode(export_dir))
        key = signature_def_key or DEFAULT
        if key not in meta.signature_def:
            raise ValueError(f"the model has no signature {key!r}; it has {', '.join(sorted(meta.signature_def))}")
        signature = meta.signature_def[key]
        self.feed_tensors = {name: self.graph.get_tensor_by_name(info.name) for name, info in signature.inputs.items()}
        self.fetch_tensors = {
            name: self.graph.get_tensor_by_name(info.name) for name, info in signature.outputs.items()
        }

    def __call__(self, input_dict: dict[str, Any]) -> dict[str, Any]:
        """Ask it.

        Raises:
            ValueError: an input of that name is not there.
        """
        if unknown := set(input_dict) - set(self.feed_tensors):
            raise ValueError(
                f"the model has no inputs {', '.join(sorted(map(str, unknown)))}; "
                f"it has {', '.join(sorted(self.feed_tensors))}"
            )
        return self.session.run(
            self.fetch_tensors, {self.feed_tensors[name]: value for name, value in input_dict.items()}
        )


@adds("contrib.predictor.from_saved_model")
def from_saved_model(
    export_dir: Any, signature_def_key: str | None = None, signature_def: Any = None, input_names: Any = None,
    output_names: Any = None, tags: str | None = None, graph: Any = None, config: Any = None,
) -> Predictor:  # fmt: skip
    """A predictor of a SavedModel."""
    return Predictor(export_dir, signature_def_key, tags, config)
