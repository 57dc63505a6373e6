"""``tf.contrib`` as far as tutorials used it, a module for each of its packages.

Names of variables and scopes are those of TensorFlow 1.15, so that checkpoints fit.
"""

import importlib

# Slim comes last: it repeats names of the others.
for _name in ("framework", "initializers", "layers", "normalization", "training", "losses", "metrics", "factorization",
              "learn", "data", "distributions", "image", "opt", "slim"):  # fmt: skip
    importlib.import_module(f"{__name__}.{_name}")
