"""``keras`` as scripts of its versions 1 and 2 knew it, on tf-keras: submodules that went, and words that changed."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import os
import sys
import types
from typing import Any

from legacy_tf1.compat.registry import put, used

# Modules that went → the module that has their contents today; what it lacks is looked for in tf-keras's own sources.
MOVED = {
    **{f"layers.{name}": "layers" for name in (
        "core", "convolutional", "pooling", "recurrent", "normalization", "advanced_activations", "embeddings", "merge",
        "wrappers", "noise", "local", "convolutional_recurrent", "cudnn_recurrent",
    )},
    **{f"utils.{name}": "utils" for name in (
        "np_utils", "vis_utils", "visualize_util", "generic_utils", "data_utils", "layer_utils", "io_utils",
        "training_utils",
    )},
    "engine": "layers", "engine.topology": "layers", "engine.training": "models", "engine.base_layer": "layers",
    "backend.tensorflow_backend": "backend", "objectives": "losses", "initializations": "initializers",
    "preprocessing.sequence": "preprocessing.sequence", "legacy": "layers", "legacy.layers": "layers",
}  # fmt: skip
SOURCES = ("layers", "models", "utils", "backend", "losses", "initializers")
# Words of Keras 1 → those of Keras 2, which took both.
WORDS = {
    "output_dim": "units", "init": "kernel_initializer", "inner_init": "recurrent_initializer", "bias": "use_bias",
    "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "W_constraint": "kernel_constraint", "b_constraint": "bias_constraint", "border_mode": "padding",
    "subsample": "strides", "nb_filter": "filters", "filter_length": "kernel_size", "pool_length": "pool_size",
    "stride": "strides", "p": "rate", "dropout_W": "dropout", "dropout_U": "recurrent_dropout", "sigma": "stddev",
    "input_dtype": "dtype",
}  # fmt: skip
ORDERS = {"tf": "channels_last", "th": "channels_first"}


class _Moved(types.ModuleType):
    """A module of before: what another has today."""

    def __init__(self, name: str, today: str) -> None:
        super().__init__(f"tf_keras.{name}")
        self._today = importlib.import_module(f"tf_keras.{today}")
        self._places = [self._today, *(importlib.import_module(f"tf_keras.{each}") for each in SOURCES)]
        self._source = f"tf_keras.src.{name}"
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        if name == "__all__":
            return [each for each in dir(self._today) if not each.startswith("_")]
        for place in self._places:
            if hasattr(place, name):
                used(f"{self.__name__[3:]}.{name}")
                return getattr(place, name)
        try:
            return getattr(importlib.import_module(self._source), name)
        except (ImportError, AttributeError):
            raise AttributeError(f"module {self.__name__[3:]!r} has no attribute {name!r}") from None


def mend(keras: Any) -> None:
    """Mend tf-keras.

    Args:
        keras: the package.
    """
    for name, today in MOVED.items():
        full = f"tf_keras.{name}"
        try:
            importlib.import_module(full)
        except ImportError:
            sys.modules[full] = module = _Moved(name, today)
            parent, _, last = full.rpartition(".")
            setattr(sys.modules[parent], last, module)
    backend, layers, utils = keras.backend, keras.layers, keras.utils
    put(backend, "K", {
        "image_dim_ordering": lambda: "tf" if backend.image_data_format() == "channels_last" else "th",
        "set_image_dim_ordering": lambda order: backend.set_image_data_format(ORDERS[order]),
    })  # fmt: skip
    put(utils, "keras.utils", {"plot": utils.plot_model, "multi_gpu_model": lambda model, gpus=None, **unused: model})
    put(keras.initializers, "keras.initializers", {"normal": keras.initializers.RandomNormal})
    put(keras.Sequential, "Sequential", {"predict_classes": _predict_classes, "predict_proba": _predict})
    put(layers, "keras.layers", {"merge": _merge(layers), "CuDNNLSTM": layers.LSTM, "CuDNNGRU": layers.GRU})
    for kind in {value for value in vars(layers).values() if isinstance(value, type)}:
        if "__init__" in vars(kind):
            _take_words(kind)
    for name in ("Convolution1D", "Convolution2D"):
        _take_sizes(getattr(layers, name))
    for model in (keras.Model, importlib.import_module("tf_keras.src.engine.training_v1").Model):  # of eager, of graphs
        _take_fit_words(model)
        _compile_past_words(model)
    _name_accuracy(keras.callbacks.History)
    _read_digits(keras.datasets.mnist)
    with contextlib.suppress(ImportError):  # what tf.keras has of its own
        _read_digits(importlib.import_module("tf_keras.api._v1.keras.datasets.mnist"))
    for name in ("SGD", "Adam", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam"):
        # Those that take ``lr`` and ``decay``, and are trained in graphs.
        setattr(keras.optimizers, name, getattr(keras.optimizers.legacy, name))


def _merge(layers: Any) -> Any:
    kinds = {"sum": "add", "mul": "multiply", "concat": "concatenate", "ave": "average", "max": "maximum", "dot": "dot"}

    def merge(inputs: Any, mode: str = "sum", concat_axis: int = -1, dot_axes: Any = -1, **options: Any) -> Any:
        axes = {"concat": {"axis": concat_axis}, "dot": {"axes": dot_axes}}.get(mode, {})
        return getattr(layers, kinds[mode])(inputs, **axes, **options)

    return merge


def _predict(model: Any, x: Any, batch_size: int | None = None, verbose: Any = 0, steps: int | None = None) -> Any:
    return model.predict(x, batch_size=batch_size, verbose=verbose, steps=steps)


def _predict_classes(model: Any, x: Any, **options: Any) -> Any:
    shares = _predict(model, x, **options)
    return shares.argmax(axis=-1) if shares.shape[-1] > 1 else (shares > 0.5).astype("int32")


def _take_words(kind: Any) -> None:
    today = kind.__init__
    known = set(inspect.signature(today).parameters)
    words = {before: now for before, now in WORDS.items() if before not in known and now in known}
    if kind.__name__ == "Embedding":  # whose words stayed
        words = {}

    @functools.wraps(today)
    def made(self: Any, *arguments: Any, **options: Any) -> None:
        for before in set(words) & set(options):
            used(f"{kind.__name__}({before}=)")
            options[words[before]] = options.pop(before)
        if options.get("dim_ordering") in ORDERS:
            options["data_format"] = ORDERS[options.pop("dim_ordering")]
        today(self, *arguments, **options)

    kind.__init__ = made


def _take_sizes(kind: Any) -> None:
    """``Convolution2D(32, 3, 3)``: filters, rows and columns."""
    today = kind.__init__
    counted = 2 if "2D" in kind.__name__ else 1

    @functools.wraps(today)
    def made(self: Any, *arguments: Any, **options: Any) -> None:
        sizes = [options.pop(name) for name in ("nb_row", "nb_col") if name in options]
        if len(sizes) == counted == 2:
            options["kernel_size"] = tuple(sizes)
        elif counted == 2 and len(arguments) >= 3 and all(isinstance(each, int) for each in arguments[:3]):
            # Keras 2 has the strides in the third place: one number there is a column of Keras 1, as it was taken.
            used("Convolution2D(filters, rows, columns)")
            arguments = (arguments[0], arguments[1:3], *arguments[3:])
        today(self, *arguments, **options)

    kind.__init__ = made


def _take_fit_words(model: Any) -> None:
    fit = model.fit

    @functools.wraps(fit)
    def fit_as_before(self: Any, *arguments: Any, **options: Any) -> Any:
        if "nb_epoch" in options:
            used("fit(nb_epoch=)")
            options["epochs"] = options.pop("nb_epoch")
        return fit(self, *arguments, **options)

    model.fit = fit_as_before


def _compile_past_words(model: Any) -> None:
    """Words that ``compile`` handed to its backend, which passed over those that it did not know."""
    today = model.compile
    known = {*inspect.signature(today).parameters, "options", "run_metadata", "feed_dict", "fetches", "distribute",
             "cloning", "run_eagerly", "experimental_run_tf_function"}  # fmt: skip

    @functools.wraps(today)
    def compile_as_before(self: Any, *arguments: Any, **options: Any) -> Any:
        for word in set(options) - known:
            used(f"compile({word}=), which does nothing")
            del options[word]
        return today(self, *arguments, **options)

    model.compile = compile_as_before


class _History(dict[str, Any]):
    """The curves of a training: "acc" is "accuracy", as before Keras 2.3."""

    def __missing__(self, name: str) -> Any:
        now = name.replace("acc", "accuracy") if name in ("acc", "val_acc") else name
        before = name.replace("accuracy", "acc")
        for each in (now, before):
            if each != name and each in self:
                used(f"history[{name!r}]")
                return self[each]
        raise KeyError(name)


def _name_accuracy(history: Any) -> None:
    begin = history.on_train_begin

    @functools.wraps(begin)
    def begin_as_before(self: Any, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **options)
        if type(self.history) is dict:
            self.history = _History(self.history)

    history.on_train_begin = begin_as_before
    made = history.__init__

    @functools.wraps(made)
    def made_as_before(self: Any) -> None:
        made(self)
        self.history = _History(self.history)

    history.__init__ = made_as_before


def _read_digits(mnist: Any) -> None:
    """The digits that are on this machine already come before a download."""
    load_data = mnist.load_data

    @functools.wraps(load_data)
    def load(*arguments: Any, **options: Any) -> Any:
        if not os.environ.get("TFPORT_MNIST_DIR"):
            return load_data(*arguments, **options)
        from legacy_tf1 import input_data

        used("keras.datasets.mnist of $TFPORT_MNIST_DIR")
        sets = input_data.read_data_sets("", validation_size=0, dtype="uint8")
        parts = ((each.images.reshape(-1, 28, 28), each.labels.astype("uint8")) for each in (sets.train, sets.test))
        return tuple(parts)

    mnist.load_data = load
