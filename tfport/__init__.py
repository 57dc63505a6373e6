"""tfport: the classic TensorFlow 1 tutorials beside their Keras twins, and the proof that the two agree.

``from tfport import keras`` gives the Keras that the library uses (see :mod:`tfport.versions`); importing
``tfport`` itself loads neither Keras nor TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tfport.lazy import LazyModule
from tfport.versions import load_keras

if TYPE_CHECKING:
    import tf_keras as keras

    from tfport import callbacks
else:
    keras = LazyModule("tfport.keras", load_keras)
    # Its classes derive from Keras's, so loading it loads TensorFlow; a program names it at its head all the same.
    callbacks = LazyModule("tfport.callbacks", lambda: importlib.import_module("tfport.callbacks"))

__version__ = "0.1.0"

__all__ = ["__version__", "callbacks", "keras"]
