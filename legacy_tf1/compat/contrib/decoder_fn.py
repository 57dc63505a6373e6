"""``tf.contrib.seq2seq`` as it was in 1.0: ``dynamic_rnn_decoder``, and the functions that drive it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorflow.python.util import nest

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.layers import fully_connected
from legacy_tf1.compat.registry import adds
from legacy_tf1.compat.rnn import transpose_batch_time


def _decoder_fn(name: str) -> Callable[[Any], Any]:
    modules = ("attention_decoder_fn", "decoder_fn", "seq2seq")
    return adds(f"contrib.seq2seq.{name}", *(f"contrib.seq2seq.python.ops.{module}.{name}" for module in modules))


@_decoder_fn("prepare_attention")
def prepare_attention(attention_states: Any, attention_option: str, num_units: int, reuse: Any = None) -> Any:
    """Keys, values, and the functions of scores and of attention, for the functions below.

    Args:
        attention_states: (batch, time, size).
        attention_option: "bahdanau" or "luong".
        num_units: those of the cell.
        reuse: of the variables.

    Raises:
        ValueError: another option.
    """
    if attention_option not in ("bahdanau", "luong"):
        raise ValueError(f"Unknown attention option {attention_option}!")
    bahdanau = attention_option == "bahdanau"
    with tf.variable_scope("attention_keys", reuse=reuse) as scope:
        keys = fully_connected(attention_states, num_units, None, biases_initializer=None, scope=scope)
    with tf.variable_scope("attention_score", reuse=reuse):
        if bahdanau:
            weights = tf.get_variable("attnW", [num_units, num_units])
            vector = tf.get_variable("attnV", [num_units])

    def score(query: Any, keys: Any, values: Any) -> Any:
        if bahdanau:
            scores = tf.reduce_sum(vector * tf.tanh(keys + tf.matmul(query, weights)[:, tf.newaxis]), 2)
        else:
            scores = tf.reduce_sum(keys * query[:, tf.newaxis], 2)
        context = tf.reduce_sum(tf.nn.softmax(scores)[:, :, tf.newaxis] * values, 1)
        context.set_shape([None, values.shape[-1]])
        return context

    def construct(query: Any, keys: Any, values: Any) -> Any:
        with tf.variable_scope("attention_construct", reuse=reuse) as scope:
            joined = tf.concat([query, score(query, keys, values)], 1)
            return fully_connected(joined, num_units, None, biases_initializer=None, scope=scope)

    return keys, attention_states, score, construct


def _no_attention(state: Any) -> Any:
    # Of the upper layer's output.
    top = state
    while nest.is_nested(top) and not hasattr(top, "h"):
        top = top[-1]
    return tf.zeros_like(getattr(top, "h", top))


def _fed(
    output_fn: Any, embeddings: Any, first: Any, end: Any, maximum_length: Any, symbols: int
) -> Callable[[Any, Any, Any], Any]:
    """From time, output and batch size: which are finished, the next inputs, and what is put out."""

    def feed(time: Any, output: Any, batch: Any) -> Any:
        if output is None:
            ids = tf.fill([batch], tf.cast(first, tf.int32))
            finished, emitted = tf.zeros([batch], tf.bool), tf.zeros([symbols])
        else:
            emitted = output_fn(output) if output_fn is not None else output
            ids = tf.argmax(emitted, 1, output_type=tf.int32)
            finished = tf.equal(ids, tf.cast(end, tf.int32))
        finished = tf.logical_or(finished, time > tf.cast(maximum_length, tf.int32))
        return finished, tf.gather(embeddings, ids), emitted

    return feed


def _batch(state: Any) -> Any:
    return tf.shape(nest.flatten(state)[0])[0]


@_decoder_fn("simple_decoder_fn_train")
def simple_decoder_fn_train(encoder_state: Any, name: str | None = None) -> Callable[..., Any]:
    """For inputs that are given."""

    def decoder_fn(time: Any, cell_state: Any, cell_input: Any, cell_output: Any, context_state: Any) -> Any:
        return None, encoder_state if cell_state is None else cell_state, cell_input, cell_output, context_state

    return decoder_fn


@_decoder_fn("simple_decoder_fn_inference")
def simple_decoder_fn_inference(
    output_fn: Any,
    encoder_state: Any,
    embeddings: Any,
    start_of_sequence_id: Any,
    end_of_sequence_id: Any,
    maximum_length: Any,
    num_decoder_symbols: int,
    dtype: Any = tf.int32,
    name: str | None = None,
) -> Callable[..., Any]:
    """Feeds the likeliest symbol back."""
    feed = _fed(output_fn, embeddings, start_of_sequence_id, end_of_sequence_id, maximum_length, num_decoder_symbols)

    def decoder_fn(time: Any, cell_state: Any, cell_input: Any, cell_output: Any, context_state: Any) -> Any:
        state = encoder_state if cell_state is None else cell_state
        finished, following, emitted = feed(time, cell_output, _batch(state))
        return finished, state, following, emitted, context_state

    return decoder_fn


@_decoder_fn("attention_decoder_fn_train")
def attention_decoder_fn_train(
    encoder_state: Any,
    attention_keys: Any,
    attention_values: Any,
    attention_score_fn: Any,
    attention_construct_fn: Any,
    name: str | None = None,
) -> Callable[..., Any]:
    """For inputs that are given, with what :func:`prepare_attention` made."""

    def decoder_fn(time: Any, cell_state: Any, cell_input: Any, cell_output: Any, context_state: Any) -> Any:
        if cell_state is None:
            attention, state = _no_attention(encoder_state), encoder_state
        else:
            attention, state = attention_construct_fn(cell_output, attention_keys, attention_values), cell_state
            cell_output = attention
        return None, state, tf.concat([cell_input, attention], 1), cell_output, context_state

    return decoder_fn


@_decoder_fn("attention_decoder_fn_inference")
def attention_decoder_fn_inference(
    output_fn: Any,
    encoder_state: Any,
    attention_keys: Any,
    attention_values: Any,
    attention_score_fn: Any,
    attention_construct_fn: Any,
    embeddings: Any,
    start_of_sequence_id: Any,
    end_of_sequence_id: Any,
    maximum_length: Any,
    num_decoder_symbols: int,
    dtype: Any = tf.int32,
    name: str | None = None,
) -> Callable[..., Any]:
    """Feeds the likeliest symbol back, with attention."""
    feed = _fed(output_fn, embeddings, start_of_sequence_id, end_of_sequence_id, maximum_length, num_decoder_symbols)

    def decoder_fn(time: Any, cell_state: Any, cell_input: Any, cell_output: Any, context_state: Any) -> Any:
        if cell_output is None:
            attention, state = _no_attention(encoder_state), encoder_state
        else:
            attention, state = attention_construct_fn(cell_output, attention_keys, attention_values), cell_state
            cell_output = attention
        finished, following, emitted = feed(time, cell_output, _batch(state))
        return finished, state, tf.concat([following, attention], 1), emitted, context_state

    return decoder_fn


@_decoder_fn("dynamic_rnn_decoder")
def dynamic_rnn_decoder(
    cell: Any,
    decoder_fn: Any,
    inputs: Any = None,
    sequence_length: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
    name: str | None = None,
) -> Any:
    """Run a cell as a function says.

    Args:
        cell: to run.
        decoder_fn: of time, state, input, output and context; gives which are finished (None where lengths say it),
            state, input, what to put out, and context.
        inputs: (batch, time, …), or time first; None where the function makes them.
        sequence_length: (batch,).
        parallel_iterations: as in ``tf.while_loop``.
        swap_memory: likewise.
        time_major: whether inputs and outputs have time first.
        scope: of the variables; "decoder" by default.
        name: not used.

    Returns:
        Outputs (batch, time, …), or time first; final state, final context.
    """
    with tf.variable_scope(scope or "decoder") as varscope:
        array = longest = zeros = None
        if inputs is not None:
            timed = inputs if time_major else transpose_batch_time(inputs)
            longest = tf.shape(timed)[0]
            if sequence_length is None:
                sequence_length = tf.fill([tf.shape(timed)[1]], longest)
            zeros = tf.zeros_like(timed[0])
            array = tf.TensorArray(timed.dtype, longest, element_shape=timed.shape[1:]).unstack(timed)

        def loop_fn(time: Any, output: Any, state: Any, context: Any) -> Any:
            given = None
            if array is not None:
                given = tf.cond(time >= longest, lambda: zeros, lambda: array.read(time))
            finished, state, given, emitted, context = decoder_fn(time, state, given, output, context)
            if finished is None:
                finished = time >= tf.cast(sequence_length, tf.int32)
            return finished, given, state, emitted, context

        outputs, state, context = tf.nn.raw_rnn(
            cell, loop_fn, parallel_iterations=parallel_iterations, swap_memory=swap_memory, scope=varscope
        )
        stacked = nest.map_structure(lambda each: each.stack(), outputs)
        if not time_major:
            stacked = nest.map_structure(transpose_batch_time, stacked)
    return stacked, state, context
