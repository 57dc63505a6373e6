"""``tf.estimator``, which TensorFlow 2.16 dropped: a ``model_fn``, trained, evaluated and asked in a graph of its own.

Checkpoints, summaries and names of variables are those of TensorFlow 1.15. Where the installed TensorFlow still has
``tf.estimator``, what is here comes first.
"""

from legacy_tf1.compat.estimator import canned, estimator, export, extenders, head, inputs, keras_model, tpu, training

__all__ = ["canned", "estimator", "export", "extenders", "head", "inputs", "keras_model", "tpu", "training"]
