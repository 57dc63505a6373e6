"""The feature columns of ``tf.contrib.layers``, as those of ``tf.feature_column`` that went on from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds

columns = tf.feature_column


@adds("contrib.layers.real_valued_column")
def real_valued_column(
    column_name: str, dimension: int = 1, default_value: Any = None, dtype: Any = tf.float32, normalizer: Any = None
) -> Any:
    """A column of numbers."""
    return columns.numeric_column(column_name, [dimension or 1], default_value, dtype, normalizer)


@adds("contrib.learn.infer_real_valued_columns_from_input")
def infer_real_valued_columns_from_input(x: Any) -> list[Any]:
    """The columns of an array (N, D): one of D numbers; or of a dictionary of arrays, one each."""
    if isinstance(x, dict):
        return [real_valued_column(name, _width(x[name])) for name in sorted(x)]
    return [real_valued_column("", _width(x))]


@adds("contrib.learn.infer_real_valued_columns_from_input_fn")
def infer_real_valued_columns_from_input_fn(input_fn: Any) -> list[Any]:
    """The same of what an ``input_fn`` returns."""
    with tf.Graph().as_default():
        features, _ = input_fn()
        return infer_real_valued_columns_from_input(features)


def _width(x: Any) -> int:
    shape = x.shape.as_list() if tf.is_tensor(x) else np.shape(x)
    return int(shape[1]) if len(shape) > 1 else 1


@adds("contrib.layers.sparse_column_with_hash_bucket")
def sparse_column_with_hash_bucket(
    column_name: str, hash_bucket_size: int, combiner: str = "sum", dtype: Any = tf.string,
    hash_keys: Any = None,
) -> Any:  # fmt: skip
    """Texts or whole numbers, by their hash."""
    return columns.categorical_column_with_hash_bucket(column_name, hash_bucket_size, dtype)


@adds("contrib.layers.sparse_column_with_keys")
def sparse_column_with_keys(
    column_name: str, keys: Sequence[Any], default_value: int = -1, combiner: str = "sum", dtype: Any = None
) -> Any:
    """Texts or whole numbers out of a list."""
    return columns.categorical_column_with_vocabulary_list(column_name, keys, dtype, default_value)


@adds("contrib.layers.sparse_column_with_vocabulary_file")
def sparse_column_with_vocabulary_file(
    column_name: str, vocabulary_file: str, num_oov_buckets: int = 0, vocab_size: int | None = None,
    default_value: int = -1, combiner: str = "sum", dtype: Any = tf.string,
) -> Any:  # fmt: skip
    """Texts out of a file, one a line."""
    return columns.categorical_column_with_vocabulary_file(
        column_name, vocabulary_file, vocab_size, num_oov_buckets, None if num_oov_buckets else default_value, dtype
    )


@adds("contrib.layers.sparse_column_with_integerized_feature")
def sparse_column_with_integerized_feature(
    column_name: str, bucket_size: int, combiner: str = "sum", dtype: Any = tf.int64
) -> Any:
    """Whole numbers below ``bucket_size``."""
    return columns.categorical_column_with_identity(column_name, bucket_size)


@adds("contrib.layers.weighted_sparse_column")
def weighted_sparse_column(sparse_id_column: Any, weight_column_name: str, dtype: Any = tf.float32) -> Any:
    """The same with a weight each."""
    return columns.weighted_categorical_column(sparse_id_column, weight_column_name, dtype)


@adds("contrib.layers.bucketized_column")
def bucketized_column(source_column: Any, boundaries: Sequence[float]) -> Any:
    """Between which boundaries a number lies."""
    return columns.bucketized_column(source_column, sorted(set(boundaries)))


@adds("contrib.layers.crossed_column")
def crossed_column(
    columns: Sequence[Any], hash_bucket_size: int, combiner: str = "sum", ckpt_to_load_from: Any = None,
    tensor_name_in_ckpt: Any = None, hash_key: int | None = None,
) -> Any:  # fmt: skip
    """All pairs (or more) of values, by their hash; hashed otherwise than by tf.contrib."""
    # Whoever crosses columns of sparse keys crosses their texts.
    return tf.feature_column.crossed_column(list(columns), hash_bucket_size, hash_key)


@adds("contrib.layers.embedding_column")
def embedding_column(
    sparse_id_column: Any, dimension: int, combiner: str = "mean", initializer: Any = None,
    ckpt_to_load_from: Any = None, tensor_name_in_ckpt: Any = None, max_norm: Any = None, trainable: bool = True,
) -> Any:  # fmt: skip
    """A vector that is learned for each value."""
    return columns.embedding_column(
        sparse_id_column, dimension, combiner, initializer, ckpt_to_load_from, tensor_name_in_ckpt, max_norm, trainable
    )


@adds("contrib.layers.shared_embedding_columns")
def shared_embedding_columns(
    sparse_id_columns: Sequence[Any], dimension: int, combiner: str = "mean", shared_embedding_name: Any = None,
    initializer: Any = None, ckpt_to_load_from: Any = None, tensor_name_in_ckpt: Any = None, max_norm: Any = None,
    trainable: bool = True,
) -> Any:  # fmt: skip
    """The same vectors for several columns."""
    return columns.shared_embedding_columns(
        sparse_id_columns, dimension, combiner, initializer, shared_embedding_name, ckpt_to_load_from,
        tensor_name_in_ckpt, max_norm, trainable,
    )  # fmt: skip


@adds("contrib.layers.one_hot_column")
def one_hot_column(sparse_id_column: Any) -> Any:
    """A vector of zeros with a one for the value."""
    return columns.indicator_column(sparse_id_column)


@adds("contrib.layers.create_feature_spec_for_parsing")
def create_feature_spec_for_parsing(feature_columns: Any) -> dict[str, Any]:
    """What ``tf.parse_example`` needs."""
    return columns.make_parse_example_spec(feature_columns)


@adds("contrib.layers.parse_feature_columns_from_examples")
def parse_feature_columns_from_examples(serialized: Any, feature_columns: Any, name: Any = None) -> dict[str, Any]:
    """Features of serialized ``tf.Example``s."""
    return tf.parse_example(serialized, create_feature_spec_for_parsing(feature_columns), name)


@adds("contrib.layers.input_from_feature_columns")
def input_from_feature_columns(
    columns_to_tensors: Any, feature_columns: Any, weight_collections: Any = None, trainable: bool = True,
    scope: Any = None,
) -> Any:  # fmt: skip
    """One row of numbers an example (N, D), the columns in the order of their names."""
    with _named(
        scope, "input_from_feature_columns", dict.fromkeys(map(_name, feature_columns), ("weights", "weights"))
    ):
        return columns.input_layer(_features(columns_to_tensors, feature_columns), feature_columns, weight_collections,
                                   trainable)  # fmt: skip


@adds("contrib.layers.weighted_sum_from_feature_columns")
def weighted_sum_from_feature_columns(
    columns_to_tensors: Any, feature_columns: Any, num_outputs: int, weight_collections: Any = None,
    trainable: bool = True, scope: Any = None,
) -> Any:  # fmt: skip
    """A linear model on columns.

    Returns:
        Its outputs (N, ``num_outputs``); column → its variables; the bias.
    """
    numbers = {_name(each) for each in feature_columns if hasattr(each, "normalizer_fn")}
    names = {_name(each): ("weights", "weight" if _name(each) in numbers else "weights") for each in feature_columns}
    with _named(scope, "weighted_sum_from_feature_columns", names) as entered:
        outputs = columns.linear_model(
            _features(columns_to_tensors, feature_columns), feature_columns, num_outputs,
            weight_collections=weight_collections, trainable=trainable,
        )  # fmt: skip
    made = {variable.op.name: variable for variable in tf.global_variables(entered.name)}
    found = {each: [made[f"{entered.name}/{_name(each)}/{names[_name(each)][1]}"]] for each in feature_columns}
    return outputs, found, made[f"{entered.name}/bias_weight"]


def _name(column: Any) -> str:
    return str(column.name)


def _features(given: Any, feature_columns: Any) -> dict[Any, Any]:
    if isinstance(given, dict):
        return given
    return {next(iter(feature_columns)).name: given}


def _named(scope: Any, default: str, names: dict[str, tuple[str, str]]) -> Any:
    """A scope in which variables have the names that tf.contrib gave them."""

    def renamed(getter: Any, name: str, *arguments: Any, **options: Any) -> Any:
        name = name.replace("linear_model/", "").replace("input_layer/", "").replace("bias_weights", "bias_weight")
        name = name.replace("private_fc_linear_wrapper/", "/")  # the column of no name: "linear//weight"
        front, _, last = name.rpartition("/")
        column = front.rpartition("/")[2]
        if last == "weights" and column in names:
            name = f"{front}/{names[column][1]}"
        elif last == "embedding_weights":
            name = f"{front}/weights"
        return getter(name, *arguments, **options)

    return tf.variable_scope(scope, default, custom_getter=renamed)
