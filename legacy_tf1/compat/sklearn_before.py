"""``sklearn.cross_validation``: splits made for a number of rows, to be gone through themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn import model_selection
from sklearn.model_selection import cross_val_predict, cross_val_score, train_test_split


class _Split:
    def __init__(self, count: int, splitter: Any, labels: Any = None) -> None:
        self._rows, self._splitter, self._labels = np.zeros(count), splitter, labels

    def __iter__(self) -> Iterator[Any]:
        return iter(self._splitter.split(self._rows, self._labels))

    def __len__(self) -> int:
        return int(self._splitter.get_n_splits(self._rows, self._labels))


def _seeded(shuffle: bool, random_state: Any) -> dict[str, Any]:
    return {"shuffle": shuffle, "random_state": random_state if shuffle else None}


def KFold(n: int, n_folds: int = 3, shuffle: bool = False, random_state: Any = None) -> _Split:
    """Folds of ``n`` rows."""
    return _Split(n, model_selection.KFold(n_folds, **_seeded(shuffle, random_state)))


def StratifiedKFold(y: Any, n_folds: int = 3, shuffle: bool = False, random_state: Any = None) -> _Split:
    """Folds with equal shares of each class."""
    return _Split(len(y), model_selection.StratifiedKFold(n_folds, **_seeded(shuffle, random_state)), y)


def ShuffleSplit(
    n: int, n_iter: int = 10, test_size: Any = 0.1, train_size: Any = None, random_state: Any = None
) -> _Split:
    """Random splits of ``n`` rows."""
    return _Split(
        n,
        model_selection.ShuffleSplit(n_iter, test_size=test_size, train_size=train_size, random_state=random_state),
    )


def StratifiedShuffleSplit(
    y: Any, n_iter: int = 10, test_size: Any = 0.1, train_size: Any = None, random_state: Any = None
) -> _Split:
    """Random splits with equal shares of each class."""
    splitter = model_selection.StratifiedShuffleSplit(
        n_iter, test_size=test_size, train_size=train_size, random_state=random_state
    )
    return _Split(len(y), splitter, y)


def LeaveOneOut(n: int) -> _Split:
    """Each row in turn."""
    return _Split(n, model_selection.LeaveOneOut())


__all__ = ["KFold", "LeaveOneOut", "ShuffleSplit", "StratifiedKFold", "StratifiedShuffleSplit", "cross_val_predict",
           "cross_val_score", "train_test_split"]  # fmt: skip
