"""Checkpoints of a run: weights, optimizer and the number of steps done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

from tfport.errors import UserError


class Checkpoints:
    """The last two checkpoints of a model in training.

    TensorFlow writes a checkpoint under another name, renames it, and only then names it in the file ``checkpoint``:
    a process that is killed meanwhile leaves the one before.

    Args:
        folder: of the files ``step-N``; made at the first of them.
        model: compiled, of Keras 2 or 3.
    """

    def __init__(self, folder: Path, model: Any) -> None:
        model.optimizer.build(model.trainable_variables)  # so that there is something to restore into
        self._checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer)
        self._manager = tf.train.CheckpointManager(self._checkpoint, str(folder), max_to_keep=2, checkpoint_name="step")

    def save(self, step: int) -> None:
        """Keep what the model is after so many steps."""
        self._manager.save(checkpoint_number=step)

    def restore(self, folder: Path) -> int:
        """Make the model what it was at the last checkpoint in a folder.

        Returns:
            Steps done until then; 0 where there is no checkpoint yet.

        Raises:
            UserError: it is of another model, or broken.
        """
        latest = tf.train.latest_checkpoint(str(folder))
        if latest is None:
            return 0
        try:
            self._checkpoint.restore(latest).assert_existing_objects_matched()
            return int(latest.rpartition("-")[2])
        except (AssertionError, ValueError, tf.errors.OpError) as error:
            raise UserError(f"{latest}: cannot be restored, it is broken or of another model ({error})") from error
