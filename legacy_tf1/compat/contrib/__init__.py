"""``tf.contrib`` as far as tutorials used it, a module for each of its packages.

Names of variables and scopes are those of TensorFlow 1.15, so that checkpoints fit.
"""

import importlib

# Slim comes after those whose names it repeats.
for _name in (
    "framework", "initializers", "layers", "normalization", "training", "losses", "metrics",
    "factorization", "feature_columns", "learn", "data", "distributions", "image", "opt", "slim",
    "slim_data", "nets", "hparam", "text", "crf", "rnn", "legacy_seq2seq", "seq2seq", "attention",
    "beam_search", "decoder_fn", "summary",
):  # fmt: skip
    importlib.import_module(f"{__name__}.{_name}")
