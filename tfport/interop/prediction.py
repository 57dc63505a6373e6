"""``tfport predict``: what a trained program reads in pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfport import plots
from tfport.errors import UserError, printable
from tfport.flags import Flags, flag
from tfport.interop import pictures
from tfport.interop.runs import load_run

MOST_DRAWN = 100  # pictures on one figure


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags of the command."""

    figure: str = flag("", "draw the pictures, what the program sees and its probabilities into this PNG")


def main(words: Sequence[str], argv: Sequence[str]) -> int:
    """Read pictures, print ten probabilities for each."""
    config = Config.parse(
        argv,
        prog="tfport predict RUN PICTURE...",
        description="What the trained program of a run folder reads in pictures, one digit on each.",
    )
    if len(words) < 2:
        raise UserError("tfport predict takes a run folder and pictures, like: tfport predict runs/cnn-... seven.png")
    if config.figure and os.path.lexists(config.figure):
        raise UserError(f"--figure {config.figure}: is there already; choose another name")
    run, paths = words[0], list(words[1:])
    if config.figure and (not Path(config.figure).parent.is_dir() or Path(config.figure).suffix != ".png"):
        raise UserError(f"--figure {config.figure}: takes a new .png in a folder that is there")
    if config.figure and len(paths) > MOST_DRAWN:
        raise UserError(f"--figure {config.figure}: draws {MOST_DRAWN} pictures at most, not {len(paths)}")
    shown, images = [], []
    for path in paths:
        picture = pictures.read(path)
        try:
            images.append(pictures.as_mnist(picture))
        except UserError as error:
            raise UserError(f"{path}: {error}") from error
        if config.figure:
            shown.append(pictures.over_white(picture))
    probabilities = predict(run, np.stack(images))
    for path, row in zip(paths, probabilities, strict=True):
        order = " ".join(f"{digit}: {100 * p:.1f} %" for digit, p in enumerate(row))
        print(f"{printable(path)}: {np.argmax(row)} ({100 * np.max(row):.1f} %)   {order}")
    if config.figure:
        plots.predictions(shown, np.stack(images), probabilities, f"What {printable(run)} reads", config.figure)
        print(f"Figure: {config.figure}")
    return 0


def predict(run: str, images: np.ndarray) -> np.ndarray:
    """Probabilities (N, 10) that the trained program of a run folder gives for images (N, 28, 28) from 0 to 1.

    Raises:
        UserError: it is no run folder, or of a program that reads no digits.
    """
    trained = load_run(run)
    if not trained.reads_digits:
        raise UserError(f"{run}: {trained.name} learned points, it reads no digits; take a run of cnn, softmax ...")
    from tfport import training

    return training.probabilities(trained.model, images[..., np.newaxis].astype(np.float32))
