"""Dropout whose random numbers are a function of seed, layer and step.

Keras's own follow from how often a kernel was called: another path of ``fit``, a resumed run or a second worker would
drop other units. These do not, and a TF1 program can be fed the same ones (:mod:`tfport.parity`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from tfport import keras
from tfport.callbacks.tap import layers_of
from tfport.training.optimizers import value_of


def uniform(seed: int, layer: int, step: Any, shape: Any) -> Any:
    """Numbers in [0, 1), float32, for the input of a dropout layer; TF1 and Keras keep where they are ≥ the rate.

    A hash of the element's index and of a key made of the rest, by A. Appleby's MurmurHash3 finalizer: some ten integer
    operations, of which XLA makes one kernel, in a graph without XLA too. For 50 times 1,024 units that takes 35 µs;
    one by one the operations take 220, TensorFlow's Philox 110, and in XLA 350. Good enough to choose units by, not for
    statistics.

    Args:
        seed: of the run.
        layer: index among the dropout layers of the model.
        step: updates made before.
        shape: of the layer's input.
    """
    of_layer = _mixed(tf.constant((seed * 1009 + layer) % 2**32, tf.uint32))
    key = _mixed(of_layer + tf.cast(step, tf.uint32))
    return _hashed(key, shape)


def _mixed(bits: Any) -> Any:
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        bits = tf.bitwise.bitwise_xor(bits, _shifted(bits, shift)) * tf.constant(factor, tf.uint32)
    return tf.bitwise.bitwise_xor(bits, _shifted(bits, 16))


def _shifted(bits: Any, places: int) -> Any:
    return tf.bitwise.right_shift(bits, tf.constant(places, tf.uint32))


def _hash(key: Any, shape: Any) -> Any:
    bits = _mixed(key + tf.cast(tf.range(tf.reduce_prod(shape)), tf.uint32))
    return tf.reshape(tf.cast(_shifted(bits, 8), tf.float32) * 2.0**-24, shape)


_hashed = tf.function(_hash, jit_compile=True)


@contextlib.contextmanager
def steady(model: Any, seed: int) -> Iterator[None]:
    """Let every ``Dropout`` layer of a model draw by :func:`uniform`; afterwards it is as before.

    Layers derived from ``Dropout`` keep their own ways.
    """
    layers = [layer for layer in layers_of(model) if type(layer) is keras.layers.Dropout]
    for index, layer in enumerate(layers):
        # Into __dict__: __setattr__ of Keras 3 locks a layer that is built.
        vars(layer)["call"] = _call(layer, seed, index, model.optimizer)
    try:
        yield
    finally:
        for layer in layers:
            del vars(layer)["call"]


def _call(layer: Any, seed: int, index: int, optimizer: Any) -> Callable[..., Any]:
    def call(inputs: Any, training: Any = False) -> Any:
        if not training or layer.rate == 0:
            return inputs
        shape = tf.shape(inputs)
        if layer.noise_shape is not None:
            shape = tf.stack(
                [n if given is None else given for n, given in zip(tf.unstack(shape), layer.noise_shape, strict=True)]
            )
        numbers = _of_this_replica(seed, index, value_of(optimizer.iterations), shape)
        scaled = inputs * tf.cast(1.0 / (1.0 - layer.rate), inputs.dtype)
        return tf.where(numbers >= layer.rate, scaled, tf.zeros_like(inputs))

    return call


def _of_this_replica(seed: int, index: int, step: Any, shape: Any) -> Any:
    """A replica's part of the numbers for the whole batch: the sum over replicas is what one alone would compute."""
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync if context is not None else 1
    if replicas == 1:
        return uniform(seed, index, step, shape)
    whole = tf.concat([shape[:1] * replicas, shape[1:]], 0)
    first = context.replica_id_in_sync_group * shape[0]
    return uniform(seed, index, step, whole)[first : first + shape[0]]
