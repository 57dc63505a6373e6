"""``tf.contrib.legacy_seq2seq``, which was ``tf.nn.seq2seq``: encoders and decoders over lists of tensors."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from tensorflow.python.util import nest

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.rnn import EmbeddingWrapper, OutputProjectionWrapper
from legacy_tf1.compat.registry import adds
from legacy_tf1.compat.rnn import linear

HOMES = ("contrib.legacy_seq2seq", "contrib.legacy_seq2seq.python.ops.seq2seq", "nn.seq2seq", "models.rnn.seq2seq",
         "python.ops.seq2seq")  # fmt: skip


def _seq2seq(name: str) -> Callable[[Any], Any]:
    return adds(*(f"{home}.{name}" for home in HOMES))


# --- losses ---


def loss_of(function: Any, targets: Any, logits: Any) -> Any:
    """What a ``softmax_loss_function`` makes of targets and logits; cross-entropy where there is none."""
    if function is None:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    try:
        names = list(inspect.signature(function).parameters)
        inspect.signature(function).bind(labels=targets, logits=logits)
    except (TypeError, ValueError):
        pass
    else:
        return function(labels=targets, logits=logits)
    # By position, before 1.1; and before 1.0 the other way round, which the names tell.
    if names and names[0].startswith(("input", "logit", "pred", "output")):
        return function(logits, targets)
    return function(targets, logits)


@_seq2seq("sequence_loss_by_example")
def sequence_loss_by_example(
    logits: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
    average_across_timesteps: Any = True,
    softmax_loss_function: Any = None,
    name: str | None = None,
) -> Any:
    """Weighted cross-entropy of a list of logits (batch, symbols), summed over the list: (batch,).

    Raises:
        ValueError: the lists are not of one length.
    """
    if len(targets) != len(logits) or len(weights) != len(logits):
        raise ValueError(
            f"each step needs logits, targets and weights: there are {len(logits)}, {len(targets)} and {len(weights)}"
        )
    if callable(average_across_timesteps):  # 0.5: their number of symbols stood here
        average_across_timesteps, softmax_loss_function = True, average_across_timesteps
    with tf.name_scope(name, "sequence_loss_by_example"):
        losses = []
        for logit, target, weight in zip(logits, targets, weights, strict=True):
            if softmax_loss_function is None:
                target = tf.reshape(target, [-1])
            losses.append(loss_of(softmax_loss_function, target, logit) * weight)
        total = tf.add_n(losses)
        return total / (tf.add_n(list(weights)) + 1e-12) if average_across_timesteps else total


@_seq2seq("sequence_loss")
def sequence_loss(
    logits: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
    average_across_timesteps: Any = True,
    average_across_batch: bool = True,
    softmax_loss_function: Any = None,
    name: str | None = None,
) -> Any:
    """The same, summed over the batch, or averaged."""
    with tf.name_scope(name, "sequence_loss"):
        cost = tf.reduce_sum(
            sequence_loss_by_example(logits, targets, weights, average_across_timesteps, softmax_loss_function)
        )
        return cost / tf.cast(tf.shape(targets[0])[0], cost.dtype) if average_across_batch else cost


# --- decoders ---


@_seq2seq("_extract_argmax_and_embed")
def extract_argmax_and_embed(
    embedding: Any, output_projection: Any = None, update_embedding: bool = True
) -> Callable[[Any, int], Any]:
    """A ``loop_function`` that feeds the likeliest symbol back."""

    def feed(output: Any, _: int) -> Any:
        if output_projection is not None:
            output = tf.nn.xw_plus_b(output, *output_projection)
        embedded = tf.nn.embedding_lookup(embedding, tf.argmax(output, 1))
        return embedded if update_embedding else tf.stop_gradient(embedded)

    return feed


def _fed(loop_function: Any, last: Any, number: int, given: Any) -> Any:
    if loop_function is None or last is None:
        return given
    with tf.variable_scope("loop_function", reuse=True):
        return loop_function(last, number)


@_seq2seq("rnn_decoder")
def rnn_decoder(
    decoder_inputs: Sequence[Any], initial_state: Any, cell: Any, loop_function: Any = None, scope: Any = None
) -> Any:
    """Run a cell over a list of inputs; ``loop_function(output, i)`` makes the next input where it is given."""
    with tf.variable_scope(scope or "rnn_decoder"):
        outputs: list[Any] = []
        state = initial_state
        for number, given in enumerate(decoder_inputs):
            given = _fed(loop_function, outputs[-1] if outputs else None, number, given)
            if number > 0:
                tf.get_variable_scope().reuse_variables()
            output, state = cell(given, state)
            outputs.append(output)
    return outputs, state


@_seq2seq("embedding_rnn_decoder")
def embedding_rnn_decoder(
    decoder_inputs: Sequence[Any],
    initial_state: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: bool = False,
    update_embedding_for_previous: bool = True,
    scope: Any = None,
) -> Any:
    """A decoder of symbols, which embeds them; it may feed itself."""
    with tf.variable_scope(scope or "embedding_rnn_decoder"):
        table = tf.get_variable("embedding", [num_symbols, embedding_size])
        feed = extract_argmax_and_embed(table, output_projection, update_embedding_for_previous)
        embedded = [tf.nn.embedding_lookup(table, each) for each in decoder_inputs]
        return rnn_decoder(embedded, initial_state, cell, feed if feed_previous else None)


@_seq2seq("attention_decoder")
def attention_decoder(
    decoder_inputs: Sequence[Any],
    initial_state: Any,
    attention_states: Any,
    cell: Any,
    output_size: int | None = None,
    num_heads: int = 1,
    loop_function: Any = None,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> Any:
    """A decoder that attends to states (batch, length, size) (arXiv:1412.7449).

    Raises:
        ValueError: no inputs, no heads, or states of unknown size.
    """
    if not decoder_inputs:
        raise ValueError("attention_decoder: decoder_inputs is empty, so that there is no step to decode")
    if num_heads < 1:
        raise ValueError(f"attention_decoder: num_heads is {num_heads}; without heads take rnn_decoder")
    if attention_states.shape[2] is None or int(attention_states.shape[2] or 0) == 0:
        raise ValueError(
            f"attention_decoder: the last axis of attention_states {attention_states.shape} needs a static size"
        )
    output_size = output_size or cell.output_size
    with tf.variable_scope(scope or "attention_decoder", dtype=dtype):
        size = int(attention_states.shape[2])
        features = []
        for head in range(num_heads):
            kernel = tf.get_variable(f"AttnW_{head}", [1, 1, size, size])
            vector = tf.get_variable(f"AttnV_{head}", [size])
            features.append((tf.einsum("bls,sv->blv", attention_states, kernel[0, 0]), vector))

        def attend(query: Any) -> list[Any]:
            query = tf.concat(nest.flatten(query), 1)
            attended = []
            for head, (keys, vector) in enumerate(features):
                with tf.variable_scope(f"Attention_{head}"):
                    scores = tf.reduce_sum(vector * tf.tanh(keys + linear(query, size, True)[:, tf.newaxis]), 2)
                attended.append(tf.reduce_sum(tf.nn.softmax(scores)[:, :, tf.newaxis] * attention_states, 1))
            return attended

        outputs: list[Any] = []
        state = initial_state
        zeros = tf.zeros([tf.shape(decoder_inputs[0])[0], size], attention_states.dtype)
        attended = [tf.ensure_shape(zeros, [None, size])] * num_heads
        if initial_state_attention:
            attended = attend(initial_state)
        for number, given in enumerate(decoder_inputs):
            if number > 0:
                tf.get_variable_scope().reuse_variables()
            given = _fed(loop_function, outputs[-1] if outputs else None, number, given)
            output, state = cell(linear([given, *attended], int(given.shape[-1]), True), state)
            first = number == 0 and initial_state_attention
            with tf.variable_scope(tf.get_variable_scope(), reuse=True if first else None):
                attended = attend(state)
            with tf.variable_scope("AttnOutputProjection"):
                outputs.append(linear([output, *attended], output_size, True))
    return outputs, state


@_seq2seq("embedding_attention_decoder")
def embedding_attention_decoder(
    decoder_inputs: Sequence[Any],
    initial_state: Any,
    attention_states: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    num_heads: int = 1,
    output_size: int | None = None,
    output_projection: Any = None,
    feed_previous: bool = False,
    update_embedding_for_previous: bool = True,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> Any:
    """A decoder of symbols that attends."""
    with tf.variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        table = tf.get_variable("embedding", [num_symbols, embedding_size])
        feed = extract_argmax_and_embed(table, output_projection, update_embedding_for_previous)
        embedded = [tf.nn.embedding_lookup(table, each) for each in decoder_inputs]
        return attention_decoder(
            embedded, initial_state, attention_states, cell, output_size, num_heads, feed if feed_previous else None,
            initial_state_attention=initial_state_attention,
        )  # fmt: skip


# --- both ---


def _decoded(decode: Callable[[bool], Any], feed_previous: Any) -> Any:
    """What ``decode(feed_previous)`` gives; a tensor decides in each step."""
    if isinstance(feed_previous, bool):
        return decode(feed_previous)
    structure: list[Any] = []

    def branch(feeds: bool) -> list[Any]:
        with tf.variable_scope(tf.get_variable_scope(), reuse=None if feeds else True):
            structure.append(decode(feeds))
        return nest.flatten(structure[-1])

    flat = tf.cond(tf.convert_to_tensor(feed_previous), lambda: branch(True), lambda: branch(False))
    return nest.pack_sequence_as(structure[0], flat)


@_seq2seq("basic_rnn_seq2seq")
def basic_rnn_seq2seq(
    encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any, dtype: Any = tf.float32, scope: Any = None
) -> Any:
    """A list of inputs read by a cell, whose last state a copy of it decodes."""
    with tf.variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = tf.nn.static_rnn(copy.deepcopy(cell), encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


@_seq2seq("tied_rnn_seq2seq")
def tied_rnn_seq2seq(
    encoder_inputs: Sequence[Any],
    decoder_inputs: Sequence[Any],
    cell: Any,
    loop_function: Any = None,
    dtype: Any = tf.float32,
    scope: Any = None,
) -> Any:
    """The same with one cell for both."""
    with tf.variable_scope("combined_tied_rnn_seq2seq"):
        scope = scope or "tied_rnn_seq2seq"
        _, state = tf.nn.static_rnn(cell, encoder_inputs, dtype=dtype, scope=scope)
        tf.get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell, loop_function, scope)


@_seq2seq("embedding_rnn_seq2seq")
def embedding_rnn_seq2seq(
    encoder_inputs: Sequence[Any],
    decoder_inputs: Sequence[Any],
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
) -> Any:
    """Both, of symbols."""
    with tf.variable_scope(scope or "embedding_rnn_seq2seq", dtype=dtype):
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        _, state = tf.nn.static_rnn(encoder, encoder_inputs, dtype=dtype or tf.float32)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)

        def decode(feeds: bool) -> Any:
            return embedding_rnn_decoder(
                decoder_inputs, state, cell, num_decoder_symbols, embedding_size, output_projection, feeds
            )

        return _decoded(decode, feed_previous)


@_seq2seq("embedding_tied_rnn_seq2seq")
def embedding_tied_rnn_seq2seq(
    encoder_inputs: Sequence[Any],
    decoder_inputs: Sequence[Any],
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    num_decoder_symbols: int | None = None,
    output_projection: Any = None,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
) -> Any:
    """Both, of the same symbols, with one embedding and one cell."""
    with tf.variable_scope(scope or "embedding_tied_rnn_seq2seq", dtype=dtype):
        table = tf.get_variable("embedding", [num_symbols, embedding_size])
        encoded, decoded = (
            [tf.nn.embedding_lookup(table, each) for each in inputs] for inputs in (encoder_inputs, decoder_inputs)
        )
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols or num_symbols)
        feed = extract_argmax_and_embed(table, output_projection)

        def decode(feeds: bool) -> Any:
            return tied_rnn_seq2seq(encoded, decoded, cell, feed if feeds else None, dtype or tf.float32)

        return _decoded(decode, feed_previous)


@_seq2seq("embedding_attention_seq2seq")
def embedding_attention_seq2seq(
    encoder_inputs: Sequence[Any],
    decoder_inputs: Sequence[Any],
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    num_heads: int = 1,
    output_projection: Any = None,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> Any:
    """Both, of symbols, the decoder attending to all that the encoder put out."""
    with tf.variable_scope(scope or "embedding_attention_seq2seq", dtype=dtype):
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        outputs, state = tf.nn.static_rnn(encoder, encoder_inputs, dtype=dtype or tf.float32)
        states = tf.stack(outputs, 1)
        size = None
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
            size = num_decoder_symbols

        def decode(feeds: bool) -> Any:
            return embedding_attention_decoder(
                decoder_inputs, state, states, cell, num_decoder_symbols, embedding_size, num_heads, size,
                output_projection, feeds, initial_state_attention=initial_state_attention,
            )  # fmt: skip

        return _decoded(decode, feed_previous)


@_seq2seq("one2many_rnn_seq2seq")
def one2many_rnn_seq2seq(
    encoder_inputs: Sequence[Any],
    decoder_inputs_dict: dict[str, Any],
    enc_cell: Any,
    dec_cells_dict: dict[str, Any],
    num_encoder_symbols: int,
    num_decoder_symbols_dict: dict[str, int],
    embedding_size: int,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
) -> Any:
    """One encoder and several decoders, by name."""
    outputs, states = {}, {}
    with tf.variable_scope(scope or "one2many_rnn_seq2seq", dtype=dtype):
        encoder = EmbeddingWrapper(enc_cell, num_encoder_symbols, embedding_size)
        _, state = tf.nn.static_rnn(encoder, encoder_inputs, dtype=dtype or tf.float32)
        for name, inputs in decoder_inputs_dict.items():
            symbols = num_decoder_symbols_dict[name]
            with tf.variable_scope(f"one2many_decoder_{name}"):
                cell = OutputProjectionWrapper(dec_cells_dict[name], symbols)

                def decode(feeds: bool, inputs: Any = inputs, cell: Any = cell, symbols: int = symbols) -> Any:
                    return embedding_rnn_decoder(inputs, state, cell, symbols, embedding_size, feed_previous=feeds)

                outputs[name], states[name] = _decoded(decode, feed_previous)
    return outputs, states


@_seq2seq("model_with_buckets")
def model_with_buckets(
    encoder_inputs: Sequence[Any],
    decoder_inputs: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
    buckets: Sequence[Sequence[int]],
    seq2seq: Callable[[Any, Any], Any],
    softmax_loss_function: Any = None,
    per_example_loss: bool = False,
    name: str | None = None,
) -> Any:
    """A model for each pair of lengths, with one set of weights.

    Returns:
        Outputs and losses, a list of each, in the order of the buckets.

    Raises:
        ValueError: there are fewer inputs, targets or weights than the last bucket is long.
    """
    longest = buckets[-1]
    for what, given, wanted in (("encoder_inputs", encoder_inputs, longest[0]), ("targets", targets, longest[1]),
                                ("weights", weights, longest[1])):  # fmt: skip
        if len(given) < wanted:
            raise ValueError(f"the longest bucket takes {wanted} steps of {what}, and {len(given)} are given")
    loss = sequence_loss_by_example if per_example_loss else sequence_loss
    outputs, losses = [], []
    with tf.name_scope(name, "model_with_buckets"):
        for number, (source, target) in enumerate(buckets):
            with tf.variable_scope(tf.get_variable_scope(), reuse=True if number else None):
                found, _ = seq2seq(encoder_inputs[:source], decoder_inputs[:target])
            outputs.append(found)
            losses.append(
                loss(found, targets[:target], weights[:target], softmax_loss_function=softmax_loss_function)
            )  # fmt: skip
    return outputs, losses
