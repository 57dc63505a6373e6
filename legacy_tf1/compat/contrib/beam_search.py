"""``tf.contrib.seq2seq.BeamSearchDecoder``."""

from __future__ import annotations

import collections
from typing import Any

from tensorflow.python.util import nest

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.seq2seq import Decoder, looked_up, seq2seq
from legacy_tf1.compat.registry import adds


@seq2seq("BeamSearchDecoderState")
class BeamSearchDecoderState(
    collections.namedtuple("BeamSearchDecoderState", ("cell_state", "log_probs", "finished", "lengths"))
):
    """The cell's state and, of each beam, (batch, width): log-probability, whether it is finished, length."""

    __slots__ = ()


@seq2seq("BeamSearchDecoderOutput")
class BeamSearchDecoderOutput(
    collections.namedtuple("BeamSearchDecoderOutput", ("scores", "predicted_ids", "parent_ids"))
):
    """Of a step, (batch, width): scores, symbols, and the beams that they go on from."""

    __slots__ = ()


@seq2seq("FinalBeamSearchDecoderOutput")
class FinalBeamSearchDecoderOutput(
    collections.namedtuple("FinalBeamSearchDecoderOutput", ("predicted_ids", "beam_search_decoder_output"))
):
    """The sequences, best first, and the output of every step."""

    __slots__ = ()


def _trace(parent_ids: Any, lengths: Any) -> Any:
    """For each time, the beam that a beam at its end comes from: (time, batch, width)."""
    width = tf.shape(parent_ids)[2]
    ends = tf.tile(tf.range(width)[tf.newaxis], [tf.shape(parent_ids)[1], 1])
    times = tf.range(tf.shape(parent_ids)[0])

    def back(beams: Any, now: Any) -> Any:
        time, later = now  # whose parents say where the beams were at this time
        came = tf.gather(later, beams, batch_dims=1)
        return tf.where(tf.tile((time + 1 < lengths)[:, tf.newaxis], [1, width]), came, beams)

    later = tf.concat([parent_ids[1:], parent_ids[:1]], 0)
    return tf.scan(back, (times, later), ends, reverse=True)


@seq2seq("gather_tree")
@adds("contrib.seq2seq.python.ops.beam_search_ops.gather_tree")
def gather_tree(step_ids: Any, parent_ids: Any, max_sequence_lengths: Any, end_token: Any) -> Any:
    """The whole sequences of beams whose steps and parents are known; all of (time, batch, width).

    Args:
        step_ids: the symbol of each step.
        parent_ids: the beam that it goes on from.
        max_sequence_lengths: (batch,): the longest beam's.
        end_token: what stands after a sequence's end.
    """
    beams = _trace(parent_ids, max_sequence_lengths)
    ids = tf.gather(step_ids, beams, batch_dims=2)
    ended = tf.cumsum(tf.cast(tf.equal(ids, end_token), tf.int32), 0, exclusive=True) > 0
    times = tf.range(tf.shape(ids)[0])[:, tf.newaxis, tf.newaxis]
    over = tf.logical_or(ended, times >= max_sequence_lengths[tf.newaxis, :, tf.newaxis])
    traced = tf.where(over, tf.fill(tf.shape(ids), tf.cast(end_token, ids.dtype)), ids)
    traced.set_shape(step_ids.shape)
    return traced


@seq2seq("BeamSearchDecoder")
class BeamSearchDecoder(Decoder):
    """Follows the ``beam_width`` likeliest sequences.

    Args:
        cell: its state, and an attention's memory, repeated by ``tile_batch``.
        embedding: of symbols: a table, or a function of their numbers.
        start_tokens: (batch,).
        end_token: with which a sequence is finished.
        initial_state: of the cell, (batch · width, …).
        beam_width: how many.
        output_layer: from the cell's outputs to logits.
        length_penalty_weight: scores are log-probabilities divided by ((5 + length) / 6) to this power.
        coverage_penalty_weight: not supported but for 0.
        reorder_tensor_arrays: whether a history of alignments is put in the order of the final beams.

    Raises:
        ValueError: a penalty on coverage is asked for.
    """

    tracks_own_finished = True  # beams change their places

    def __init__(
        self,
        cell: Any,
        embedding: Any,
        start_tokens: Any,
        end_token: Any,
        initial_state: Any,
        beam_width: int,
        output_layer: Any = None,
        length_penalty_weight: float = 0.0,
        coverage_penalty_weight: float = 0.0,
        reorder_tensor_arrays: bool = True,
    ) -> None:
        if coverage_penalty_weight != 0.0:
            raise ValueError("BeamSearchDecoder: a coverage_penalty_weight other than 0 is not supported by tfport")
        self._cell, self._layer, self._width = cell, output_layer, int(beam_width)
        self._embed = looked_up(embedding)
        self._start, self._end = tf.cast(start_tokens, tf.int32), tf.cast(end_token, tf.int32)
        self._weight, self._reorder = length_penalty_weight, reorder_tensor_arrays
        self._batch = tf.size(self._start)
        self._state = nest.map_structure(self._split, initial_state)
        self._first = self._embed(tf.tile(self._start[:, tf.newaxis], [1, self._width]))

    @property
    def batch_size(self) -> Any:
        """Of the sequences, not of the beams."""
        return self._batch

    @property
    def output_size(self) -> Any:
        """Shapes of an example's outputs."""
        return BeamSearchDecoderOutput(*[tf.TensorShape([self._width])] * 3)

    @property
    def output_dtype(self) -> Any:
        """Types of the outputs."""
        return BeamSearchDecoderOutput(tf.float32, tf.int32, tf.int32)

    def _split(self, each: Any) -> Any:
        """(batch · width, …) as (batch, width, …)."""
        if isinstance(each, tf.TensorArray) or each.shape.ndims == 0:
            return each
        inner = each.shape[1:]
        split = tf.reshape(each, tf.concat([[self._batch, self._width], tf.shape(each)[1:]], 0))
        split.set_shape(tf.TensorShape([None, self._width]).concatenate(inner))
        return split

    def _merge(self, each: Any) -> Any:
        if isinstance(each, tf.TensorArray) or each.shape.ndims == 0:
            return each
        merged = tf.reshape(each, tf.concat([[self._batch * self._width], tf.shape(each)[2:]], 0))
        merged.set_shape(tf.TensorShape([None]).concatenate(each.shape[2:]))
        return merged

    def initialize(self, name: str | None = None) -> Any:
        """Only the first beam of each counts in the beginning, or all of them would be one."""
        ones = tf.ones([self._batch, self._width], tf.int32)
        first = tf.equal(tf.cumsum(ones, 1), 1)
        finished = tf.logical_not(first)
        nothing = tf.fill(tf.shape(ones), float("-inf"))
        state = BeamSearchDecoderState(
            self._state, tf.where(first, tf.zeros_like(nothing), nothing), finished, tf.zeros_like(ones, tf.int64)
        )
        return finished, self._first, state

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """Outputs, state, next inputs, and which are finished."""
        with tf.name_scope(name, "BeamSearchDecoderStep"):
            outputs, cell_state = self._cell(
                nest.map_structure(self._merge, inputs), nest.map_structure(self._merge, state.cell_state)
            )
            logits = self._split(self._layer(outputs) if self._layer is not None else outputs)
            symbols = int(logits.shape[-1])
            log_probs = tf.nn.log_softmax(tf.cast(logits, tf.float32))
            # What is finished goes on with nothing but its end, at no cost.
            closed = tf.where(
                tf.one_hot(self._end, symbols) > 0, tf.zeros([symbols]), tf.fill([symbols], tf.float32.min)
            )
            log_probs = tf.where_v2(state.finished[:, :, tf.newaxis], closed, log_probs)
            total = state.log_probs[:, :, tf.newaxis] + log_probs
            longer = tf.one_hot(self._end, symbols, on_value=0, off_value=1, dtype=tf.int64)
            open_ = tf.cast(tf.logical_not(state.finished), tf.int64)
            lengths = state.lengths[:, :, tf.newaxis] + longer * open_[:, :, tf.newaxis]
            scores = total
            if isinstance(self._weight, tf.Tensor) or self._weight != 0:
                scores = total / ((5.0 + tf.cast(lengths, tf.float32)) / 6.0) ** self._weight
            best, places = tf.nn.top_k(tf.reshape(scores, [self._batch, self._width * symbols]), self._width)
            ids, parents = places % symbols, places // symbols

            def of_parents(each: Any) -> Any:
                return tf.gather(each, parents, batch_dims=1)

            flat = tf.reshape(total, [self._batch, self._width * symbols])
            before = of_parents(state.finished)
            after = BeamSearchDecoderState(
                nest.map_structure(
                    lambda each: (
                        each
                        if isinstance(each, tf.TensorArray) or each.shape.ndims == 0
                        else of_parents(self._split(each))
                    ),
                    cell_state,
                ),
                tf.gather(flat, places, batch_dims=1),
                tf.logical_or(before, tf.equal(ids, self._end)),
                of_parents(state.lengths) + tf.cast(tf.logical_not(before), tf.int64),
            )
            ended = after.finished
            following = tf.cond(tf.reduce_all(ended), lambda: self._first, lambda: self._embed(ids))
        for tensor in (best, ids, parents):
            tensor.set_shape([None, self._width])
        return BeamSearchDecoderOutput(best, ids, parents), after, following, ended

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        """The whole sequences, best first."""
        longest = tf.cast(tf.reduce_max(final_state.lengths, 1), tf.int32)
        ids = gather_tree(outputs.predicted_ids, outputs.parent_ids, longest, self._end)

        def sort(each: Any) -> Any:
            if not isinstance(each, tf.TensorArray):
                return each
            beams = _trace(outputs.parent_ids, longest)
            kept = each.stack()
            split = tf.reshape(kept, tf.concat([tf.shape(beams), tf.shape(kept)[2:]], 0))
            chosen = tf.gather(split, beams, batch_dims=2)
            array = tf.TensorArray(each.dtype, tf.shape(kept)[0], element_shape=kept.shape[1:])
            return array.unstack(tf.reshape(chosen, tf.shape(kept)))

        if self._reorder:
            final_state = final_state._replace(cell_state=nest.map_structure(sort, final_state.cell_state))
        return FinalBeamSearchDecoderOutput(ids, outputs), final_state
