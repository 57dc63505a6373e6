"""Runs somebody's own TF1 code, unmodified, on today's TensorFlow.

``python -m legacy_tf1 script.py`` for scripts, :func:`enable` for notebooks. What ``import tensorflow`` gives there is
described in :mod:`legacy_tf1.compat.surface`, who gets it in :mod:`legacy_tf1.compat.imports`.
"""

from legacy_tf1.compat.run import enable, report

__all__ = ["enable", "report"]
