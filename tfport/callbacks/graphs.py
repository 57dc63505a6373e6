"""The Graphs dashboard: the operations of a training step, the layers of a model, and how long operations took."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Container
from pathlib import Path
from typing import Any

import tensorflow as tf

from tfport.callbacks.base import Tapping
from tfport.callbacks.tap import UPDATES, Numbering
from tfport.files import whole


class Graph(Tapping):
    """Writes two graphs to ``train/``: the operations of the training step, and the model's layers (tag ``keras``).

    What event files there already hold of them, in a run that is resumed, is not written twice.

    Keras's own callback writes neither for a model of Keras 3, and of a model of Keras 2 layers without their
    connections where TensorBoard is newer than 2.15. A subclassed model has no graph of layers to show.

    Args:
        log_dir: parent of ``train/``.
        on: whether to write.
    """

    def __init__(self, log_dir: str | os.PathLike[str], on: bool = True) -> None:
        super().__init__(log_dir, int(on))
        self._written = False

    def next_due(self, updates: int, last: int) -> int | None:
        """One step, in which the operations are seen."""
        return updates + 1 if self.tap is not None and self.tap.graph is None and not self._written else None

    def on_train_begin(self, logs: Any = None) -> None:
        """Write the layers."""
        super().on_train_begin(logs)
        if self.tap is None:
            return
        drawn, self._written = _graphs_in(os.path.join(self.folder, "train"))
        layers = None if drawn else conceptual(self.model)
        if layers is not None:
            with self.tap.writer(os.path.join(self.folder, "train")).as_default():
                _write_for_plugin("keras", json.dumps(layers), "graph_keras_model", step=0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the operations, which are known once Keras has traced a step."""
        if self.tap is not None and self.tap.graph is not None and not self._written:
            self._written = True
            with self.tap.writer(os.path.join(self.folder, "train")).as_default():
                tf.summary.graph(self.tap.graph)


def _graphs_in(folder: str) -> tuple[bool, bool]:
    """Whether event files of a folder hold a graph of layers, and one of operations."""
    layers = operations = False
    for path in sorted(Path(folder).glob("*tfevents*")):
        with contextlib.suppress(tf.errors.DataLossError):  # of a process that was killed while it wrote
            for event in tf.compat.v1.train.summary_iterator(str(path)):
                layers |= any(value.tag == "keras" for value in event.summary.value)
                operations |= event.HasField("graph_def")
                if layers and operations:
                    return True, True
    return layers, operations


class Profile(Tapping):
    """Traces chosen steps: the heir of TF1's ``RunOptions(trace_level=FULL_TRACE)``.

    The time of every operation goes to ``train/`` as run metadata, tag ``stepNNN``, which the Graphs dashboard shows
    in colours; the whole trace to ``train/plugins/profile/stepNNN/``, for the package ``tensorboard-plugin-profile``.

    Args:
        log_dir: parent of ``train/``.
        steps: numbers of the steps to trace; an empty collection is off.
        numbering: of the steps.
    """

    def __init__(
        self, log_dir: str | os.PathLike[str], steps: Container[int], *, numbering: Numbering = UPDATES
    ) -> None:
        super().__init__(log_dir, 1 if steps else 0, numbering)
        self._steps = steps
        self._number = 0
        self._trace: tempfile.TemporaryDirectory[str] | None = None

    def next_due(self, updates: int, last: int) -> int | None:
        """The next step that is traced; before that one, alone, in which the operations are seen."""
        if self.tap is None:
            return None
        if self.tap.graph is None:
            return updates + 1
        return next((n for n in range(updates + 1, last + 1) if self.numbering.train(n - 1) in self._steps), None)

    def _implements_train_batch_hooks(self) -> bool:
        return bool(self.every)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Start to trace where that is wanted."""
        if not self.every:
            return
        self._number = self.numbering.train(int(self.model.optimizer.iterations.numpy()))
        if self._number in self._steps:
            self._trace = tempfile.TemporaryDirectory(prefix="tfport-profile-")
            tf.profiler.experimental.start(self._trace.name)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Write the trace of this step."""
        if self._trace is None or self.tap is None:
            return
        tf.profiler.experimental.stop()
        with self._trace as folder:
            self._trace = None
            (trace,) = Path(folder).rglob("*.xplane.pb")
            content = trace.read_bytes()
            name = trace.name
        number = self._number
        tag = f"step{number:03d}"
        told = run_metadata(content, self.tap.graph)
        with self.tap.writer(os.path.join(self.folder, "train")).as_default():
            _write_for_plugin(tag, told, "graph_run_metadata", step=number)
        with whole(_new_file(Path(self.folder, "train", "plugins", "profile"), tag, name)) as temporary:
            temporary.write_bytes(content)


def conceptual(model: Any) -> dict[str, Any] | None:
    """The layers of a model and what feeds them, in the form that the installed TensorBoard draws.

    Returns:
        What TensorBoard takes for ``model.to_json()``; None for a model whose layers know no predecessors.
    """
    from tensorboard.plugins.graph import keras_util

    names = [layer.name for layer in model.layers]
    parents = {layer.name: [name for name in _parents(layer) if name in names] for layer in model.layers}
    if not any(parents.values()):
        return None
    # TensorBoard reads predecessors in the form of one generation of Keras alone: since 2.16 in that of Keras 3.
    for form in (_as_keras_3, _as_keras_2):
        layers = [
            {
                "class_name": type(layer).__name__,
                "config": {"name": layer.name, "dtype": _dtype(layer)},
                "inbound_nodes": form(parents[layer.name]),
            }
            for layer in model.layers
        ]
        fed = {name for feeding in parents.values() for name in feeding}
        config = {
            "name": "",  # else all layers would hide in one node of that name
            "layers": layers,
            "input_layers": [[name, 0, 0] for name in names if not parents[name]],
            "output_layers": [[name, 0, 0] for name in names if name not in fed],
        }
        described = {"class_name": "Functional", "config": config}
        try:
            drawn = keras_util.keras_model_to_graph_def(described)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        if sum(len(node.input) for node in drawn.node) == sum(len(feeding) for feeding in parents.values()):
            return described
    return None


def run_metadata(trace: bytes, graph: Any = None) -> bytes:
    """What TF1's FULL_TRACE would have told of a trace of the profiler.

    Args:
        trace: a serialized ``XSpace``.
        graph: of the operations, which TensorBoard draws with it.

    Returns:
        A serialized ``RunMetadata`` with begin and duration, in microseconds, of every operation on the CPU.
    """
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    space = xplane_pb2.XSpace.FromString(trace)
    metadata = tf.compat.v1.RunMetadata()
    if graph is not None:
        metadata.function_graphs.add(pre_optimization_graph=graph.as_graph_def())
    device = metadata.step_stats.dev_stats.add(device="/job:localhost/replica:0/task:0/device:CPU:0")
    for plane in space.planes:
        if plane.name != "/host:CPU":
            continue
        for thread, line in enumerate(plane.lines):
            for event in line.events:
                name = plane.event_metadata[event.metadata_id].name
                # Keras 3 has its step in a function of its own, which TensorFlow puts before the names in it.
                operation = re.fullmatch(r"(?:(?:Stateful)?PartitionedCall\w*/)*([\w./>-]+):(_?[A-Z]\w*)", name)
                if operation is None:  # a part of the runtime
                    continue
                begin = line.timestamp_ns // 1000 + event.offset_ps // 10**6
                took = max(1, event.duration_ps // 10**6)
                device.node_stats.add(
                    node_name=operation[1],
                    timeline_label=f"{operation[1]} = {operation[2]}()",
                    all_start_micros=begin,
                    op_end_rel_micros=took,
                    all_end_rel_micros=took,
                    thread_id=thread,
                )
    return metadata.SerializeToString()


def _write_for_plugin(tag: str, content: str | bytes, plugin: str, *, step: int) -> None:
    metadata = tf.compat.v1.SummaryMetadata()
    metadata.plugin_data.plugin_name = plugin
    metadata.plugin_data.content = b"1"  # the version of the plugin's format
    tf.summary.write(tag, tf.constant(content), step=step, metadata=metadata)


def _new_file(parent: Path, folder: str, name: str) -> Path:
    """A file that is not there yet: an earlier run may have left a trace of the same step."""
    for attempt in range(1, 1000):
        path = parent / (folder if attempt == 1 else f"{folder}-{attempt}")
        if not path.exists():
            break
    path.mkdir(parents=True)
    return path / name


def _parents(layer: Any) -> list[str]:
    """Names of the layers whose outputs a layer takes, each once."""
    names: list[str] = []
    for node in layer._inbound_nodes:
        tensors = node.keras_inputs if hasattr(node, "keras_inputs") else node.input_tensors  # Keras 2, Keras 3
        names += [tensor._keras_history[0].name for tensor in tf.nest.flatten(tensors)]
    return list(dict.fromkeys(names))


def _dtype(layer: Any) -> str:
    return str(getattr(layer, "compute_dtype", None) or "float32")


def _as_keras_3(parents: list[str]) -> list[Any]:
    return [{"args": [[{"config": {"keras_history": [name, 0, 0]}} for name in parents]]}] if parents else []


def _as_keras_2(parents: list[str]) -> list[Any]:
    return [[[name, 0, 0, {}] for name in parents]] if parents else []
