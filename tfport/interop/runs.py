"""The trained model of a run folder: weights are loaded into our own architectures, nothing in the folder is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfport import files, registry, startup
from tfport.errors import UserError
from tfport.interop import hdf5


@dataclass(frozen=True)
class TrainedRun:
    """A finished run.

    Attributes:
        name: of the program.
        folder: the run folder.
        config: the program's configuration.
        model: with the weights after training, not compiled.
        module: the program.
    """

    name: str
    folder: Path
    config: Any
    model: Any
    module: Any

    @property
    def reads_digits(self) -> bool:
        """Whether the model maps images (N, 28, 28, 1) to logits (N, 10)."""
        return registry.find(self.name).sources != registry.OWN_DATA


def load_run(path: str) -> TrainedRun:
    """The model that a program left behind.

    Args:
        path: of the run folder.

    Raises:
        UserError: it is no run folder, the run has not finished, or its weights do not fit.
    """
    folder = Path(path).expanduser()
    try:
        kept = files.read_json(folder / "config.json")
        name, flags = kept["program"], dict(kept["config"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UserError(f"{path}: holds no config.json of a run ({error}); name a run folder") from error
    row = registry.tutorials().get(name) if isinstance(name, str) else None
    if row is None:
        raise UserError(f"{folder / 'config.json'}: no tutorial named {name!r}; name a run folder of tfport's programs")
    weights = folder / "final.weights.h5"
    if not weights.is_file():
        raise UserError(f"{path}: has no final.weights.h5; finish the run (python -m {row.twin} --resume {path})")
    hdf5.check(weights)
    startup.prepare()
    module = row.twin_module()
    flags |= {"resume": "", "strategy": "none"}
    names = set(module.Config.__dataclass_fields__)
    try:
        config = module.Config(**{name: value for name, value in flags.items() if name in names})
    except UserError as error:
        raise UserError(f"{folder / 'config.json'}: {error}") from error
    model = module.model(config)
    try:
        model.load_weights(str(weights))
    except Exception as error:  # HDF5's and Keras's, of many kinds
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UserError(f"{weights}: cannot be loaded into the model of {name} ({first})") from error
    if not all(np.isfinite(weight).all() for weight in model.get_weights()):
        raise UserError(f"{weights}: holds weights that are no numbers (NaN); train again, at a lower --learning-rate")
    return TrainedRun(name, folder, config, model, module)
