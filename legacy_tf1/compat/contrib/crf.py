"""``tf.contrib.crf``: conditional random fields over chains.

Scores are (batch, time, tags), transitions (tags, tags) from a row's tag to a column's, lengths (batch,).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds


def _there(lengths: Any, scores: Any) -> Any:
    return tf.sequence_mask(tf.maximum(lengths, 0), tf.shape(scores)[1], scores.dtype)


@adds("contrib.crf.crf_unary_score")
def crf_unary_score(tag_indices: Any, sequence_lengths: Any, inputs: Any) -> Any:
    """The sum of the tags' own scores: (batch,)."""
    own = tf.gather(inputs, tag_indices, axis=2, batch_dims=2)
    return tf.reduce_sum(own * _there(sequence_lengths, inputs), 1)


@adds("contrib.crf.crf_binary_score")
def crf_binary_score(tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The sum of the scores of the steps from tag to tag: (batch,)."""
    transitions = tf.convert_to_tensor(transition_params)
    steps = tf.gather_nd(transitions, tf.stack([tag_indices[:, :-1], tag_indices[:, 1:]], 2))
    return tf.reduce_sum(steps * _there(sequence_lengths - 1, steps), 1)


@adds("contrib.crf.crf_sequence_score")
def crf_sequence_score(inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The score of sequences of tags, not normalized: (batch,)."""
    lengths = tf.cast(sequence_lengths, tf.int32)
    tags = tf.cast(tag_indices, tf.int32)
    return crf_unary_score(tags, lengths, inputs) + crf_binary_score(tags, lengths, transition_params)


def _forward(inputs: Any, lengths: Any, step: Any) -> tuple[Any, Any]:
    """Go through time with ``step(before, scores)``; returns what it gave at each of the later times, and last."""
    first = inputs[:, 0]

    def advance(before: Any, now: Any) -> Any:
        time, scores = now
        return tf.where(time < lengths, step(before, scores), before)

    # At least one step, so that scan has one to shape itself by: past every length it changes nothing.
    later = tf.concat([inputs[:, 1:], tf.zeros_like(inputs[:, :1])], 1)
    times = tf.range(1, tf.shape(inputs)[1] + 1)
    states = tf.scan(advance, (times, tf.transpose(later, [1, 0, 2])), first)
    return tf.concat([first[tf.newaxis], states[:-1]], 0), states[-1]


@adds("contrib.crf.crf_log_norm")
def crf_log_norm(inputs: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The logarithm of the sum over all sequences of tags of their scores' exponentials: (batch,)."""
    inputs, lengths = tf.convert_to_tensor(inputs), tf.cast(sequence_lengths, tf.int32)

    def step(before: Any, scores: Any) -> Any:
        return scores + tf.reduce_logsumexp(before[:, :, tf.newaxis] + transition_params, 1)

    norm = tf.reduce_logsumexp(_forward(inputs, lengths, step)[1], 1)
    return tf.where(lengths <= 0, tf.zeros_like(norm), norm)


@adds("contrib.crf.crf_log_likelihood")
def crf_log_likelihood(
    inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any = None
) -> tuple[Any, Any]:
    """The log-likelihood of sequences of tags: (batch,); and the transitions, a variable where none are given."""
    inputs = tf.convert_to_tensor(inputs)
    if transition_params is None:
        tags = int(inputs.shape[2])
        transition_params = tf.get_variable("transitions", [tags, tags])
    score = crf_sequence_score(inputs, tag_indices, sequence_lengths, transition_params)
    return score - crf_log_norm(inputs, sequence_lengths, transition_params), transition_params


@adds("contrib.crf.crf_multitag_sequence_score")
def crf_multitag_sequence_score(inputs: Any, tag_bitmap: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The same as a score of all sequences together whose tags a bitmap (batch, time, tags) allows: (batch,)."""
    inputs = tf.convert_to_tensor(inputs)
    allowed = tf.where(tf.cast(tag_bitmap, tf.bool), inputs, tf.fill(tf.shape(inputs), float("-inf")))
    return crf_log_norm(allowed, sequence_lengths, transition_params)


@adds("contrib.crf.crf_decode")
def crf_decode(potentials: Any, transition_params: Any, sequence_length: Any) -> tuple[Any, Any]:
    """The best sequences of tags: (batch, time), 0 past their lengths; and their scores: (batch,)."""
    potentials = tf.convert_to_tensor(potentials)
    lengths = tf.maximum(tf.cast(sequence_length, tf.int32), 1)

    def step(before: Any, scores: Any) -> Any:
        return scores + tf.reduce_max(before[:, :, tf.newaxis] + transition_params, 1)

    states, last = _forward(potentials, lengths, step)
    best = tf.argmax(last, 1, output_type=tf.int32)
    times = tf.range(tf.shape(potentials)[1])

    def back(tag: Any, now: Any) -> Any:
        time, state = now  # the tag at the next time is known
        from_here = state + tf.gather(tf.transpose(transition_params), tag)
        return tf.where(time + 1 < lengths, tf.argmax(from_here, 1, output_type=tf.int32), tag)

    tags = tf.scan(back, (times, states), best, reverse=True)
    decoded = tf.transpose(tags) * tf.sequence_mask(lengths, tf.shape(potentials)[1], tf.int32)
    decoded.set_shape(potentials.shape[:2])
    return decoded, tf.reduce_max(last, 1)


@adds("contrib.crf.viterbi_decode")
def viterbi_decode(score: np.ndarray, transition_params: np.ndarray) -> tuple[list[int], Any]:
    """The best tags of one sequence, in NumPy: scores (time, tags); returns a list of tags, and its score."""
    score = np.asarray(score)
    total, pointers = score[0], []
    for now in score[1:]:
        through = total[:, np.newaxis] + transition_params
        pointers.append(through.argmax(0))
        total = now + through.max(0)
    tags = [int(total.argmax())]
    for pointer in reversed(pointers):
        tags.append(int(pointer[tags[-1]]))
    return tags[::-1], total.max()
