"""A Keras callback of either generation: Keras calls its hooks by name and asks for no common base class."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from tfport.callbacks.tap import UPDATES, Numbering, Source, Tap


def _idle(method: Any) -> Any:
    """Mark a hook as one that does nothing, as both Kerases do: they then call no hooks between batches."""
    method._is_default = True
    return method


class Callback:
    """Hooks of a callback; each does nothing until a subclass gives it work.

    A model of Keras 2 takes it as it takes one of ``tf_keras.callbacks.Callback``, a model of Keras 3 likewise.

    Attributes:
        in_graph: whether all that it does at a step is part of the step's graph: :func:`tfport.training.fit` asks for
            ``next_due`` where XLA takes the steps alone.
    """

    in_graph = False
    _supports_tf_logs = True  # Keras 2 need not wait for a step to turn its logs into numbers
    _chief_worker_only = None

    def __init__(self) -> None:
        self.model: Any = None
        self.params: Any = None

    def set_params(self, params: Any) -> None:
        """Told by Keras."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Told by Keras, before a run."""
        self.model = model

    def next_due(self, updates: int, last: int) -> int | None:
        """The next update that this callback attends, before it or after it.

        :func:`tfport.training.fit` takes those between in one go, without a hook, and without what a callback has put
        into the training step. Keras's own ``fit`` does not ask.

        Args:
            updates: made so far, as the optimizer counts them.
            last: number of the run's last one.

        Returns:
            Its number, counted from 1 and above ``updates``; None for no more of them.
        """
        return updates + 1 if self._implements_train_batch_hooks() else None

    def _implements_train_batch_hooks(self) -> bool:
        hooks = (self.on_train_batch_begin, self.on_train_batch_end)
        return not all(getattr(hook, "_is_default", False) for hook in hooks)

    def _implements_test_batch_hooks(self) -> bool:
        return False

    def _implements_predict_batch_hooks(self) -> bool:
        return False

    @_idle
    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_train_begin(self, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_train_end(self, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_test_begin(self, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_test_end(self, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_predict_begin(self, logs: Any = None) -> None:
        """Called by Keras."""

    @_idle
    def on_predict_end(self, logs: Any = None) -> None:
        """Called by Keras."""


class EveryStep(Callback):
    """Keeps what a function of the model returns after every step, in the list ``values``.

    Args:
        measure: called with the model as the step left it. (Keras's own training metrics are those before the update.)
        traced: ``measure`` is made of TensorFlow's operations and returns a float32 tensor of known shape:
            :func:`tfport.training.fit` may compute it along with its steps, without coming back to Python for each.
    """

    def __init__(self, measure: Callable[[Any], Any], *, traced: bool = False) -> None:
        super().__init__()
        self.values: list[Any] = []
        self.measure, self.traced = measure, traced

    def next_due(self, updates: int, last: int) -> int | None:
        """Every step, unless it is measured along with them."""
        return None if self.traced else updates + 1

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Measure."""
        value = self.measure(self.model)
        self.values.append(value.numpy() if self.traced else value)


class Tapping(Callback):
    """A callback that writes for TensorBoard through the tap of its model.

    Args:
        log_dir: parent of ``train/`` and ``test/``; event files that are there already are left alone.
        every: so many updates from one summary to the next; 0 is off, and leaves the model as it was.
        numbering: of the steps.
    """

    def __init__(self, log_dir: str | os.PathLike[str], every: int, numbering: Numbering = UPDATES) -> None:
        super().__init__()
        if every < 0:
            raise ValueError(f"every takes a number of steps, or 0 for none, not {every}")
        self.folder, self.every, self.numbering = os.fspath(log_dir), every, numbering
        self.tap: Tap | None = None

    def next_due(self, updates: int, last: int) -> int | None:
        """The next multiple of ``every``."""
        return updates - updates % self.every + self.every if self.every else None

    def set_model(self, model: Any) -> None:
        """Take the tap of the run that is about to begin."""
        super().set_model(model)
        self.tap = Tap.on(model) if self.every else None

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the tap."""
        if self.tap is not None:
            self.tap.begin()

    def on_train_end(self, logs: Any = None) -> None:
        """Take the tap off the model."""
        if self.tap is not None:
            self.tap.remove()
            self.tap = None


class Summarizing(Tapping, Source):
    """A callback whose summaries are made inside the training step.

    Args:
        log_dir: parent of ``train/`` and ``test/``; event files that are there already are left alone.
        every: so many updates from one summary to the next; 0 is off, and leaves the model as it was.
        tags: tag → the one to write instead.
        numbering: of the steps.
    """

    in_graph = True

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        every: int = 1,
        *,
        tags: Callable[[str], str] = str,
        numbering: Numbering = UPDATES,
    ) -> None:
        super().__init__(log_dir, every, numbering)
        self.tags = tags

    def set_model(self, model: Any) -> None:
        """Have the tap ask for summaries."""
        super().set_model(model)
        if self.tap is not None:
            self.tap.add(self)
