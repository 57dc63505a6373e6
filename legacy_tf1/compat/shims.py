"""What Python's libraries have dropped since TF1 scripts were written, put back into this process's modules.

Only names that are missing are put back, and what they do is what they did. ``--no-shims`` leaves all of it out.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from legacy_tf1.compat.registry import used

_mended: set[str] = set()


def mend_loaded() -> None:
    """Mend the modules that are loaded by now and have not been mended."""
    for name, mend in MENDERS.items():
        module = sys.modules.get(name)
        spec = getattr(module, "__spec__", None)
        if module is not None and name not in _mended and not getattr(spec, "_initializing", False):
            _mended.add(name)
            mend(module)


def _noted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        used(name)
        return function(*arguments, **options)

    return call


def _put(module: Any, title: str, names: dict[str, Any]) -> None:
    for name, value in names.items():
        # NumPy answers such names with an explanation, so it is its dictionary that is asked.
        if name not in vars(module):
            plain = isinstance(value, type) or not callable(value)
            setattr(module, name, value if plain else _noted(f"{title}.{name}", value))


def _numpy(np: Any) -> None:
    _put(
        np,
        "np",
        {
            "float": float, "int": int, "bool": bool, "object": object, "str": str, "complex": complex, "long": int,
            "unicode": str, "float_": np.float64, "complex_": np.complex128, "string_": np.bytes_, "unicode_": np.str_,
            "Inf": np.inf, "Infinity": np.inf, "PINF": np.inf, "NINF": -np.inf, "NaN": np.nan, "infty": np.inf,
            "asscalar": lambda a: np.asarray(a).item(),
            "product": np.prod, "cumproduct": np.cumprod, "alltrue": np.all, "sometrue": np.any,
            "row_stack": np.vstack, "in1d": lambda one, two, **options: np.isin(np.ravel(one), two, **options),
            "round_": np.round, "rank": np.ndim,
            "msort": lambda a: np.sort(a, axis=0),
        },
    )  # fmt: skip
    if hasattr(np, "trapezoid"):
        _put(np, "np", {"trapz": np.trapezoid})
    reshape = np.reshape

    @functools.wraps(reshape)
    def reshape_as_before(a: Any, *shape: Any, newshape: Any = None, **options: Any) -> Any:
        if newshape is None:
            return reshape(a, *shape, **options)
        used("np.reshape(newshape=)")
        return reshape(a, newshape, **options)

    np.reshape = reshape_as_before
    load = np.load

    @functools.wraps(load)
    def load_as_before(file: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return load(file, *arguments, **options)
        except UnicodeError:  # an array of Python 2
            used("np.load of an array of Python 2")
            return load(file, *arguments, **{**options, "encoding": "latin1"})

    np.load = load_as_before


def _pandas(pd: Any) -> None:
    def as_matrix(frame: Any, columns: Any = None) -> Any:
        return (frame if columns is None else frame[columns]).to_numpy()

    def append(frame: Any, other: Any, ignore_index: bool = False, **options: Any) -> Any:
        if isinstance(other, (dict, pd.Series)):
            other = pd.DataFrame([other])
        others = other if isinstance(other, list) else [other]
        return pd.concat([frame, *others], ignore_index=ignore_index)

    def get_value(frame: Any, index: Any, column: Any) -> Any:
        return frame.at[index, column]

    for kind in (pd.DataFrame, pd.Series):
        _put(kind, kind.__name__, {"as_matrix": as_matrix, "append": append, "get_value": get_value})
    for kind in (pd.DataFrame, pd.Series):
        # .ix took labels and, failing these, positions.
        if not hasattr(kind, "ix"):
            kind.ix = property(lambda frame: _Ix(frame))
    if not hasattr(pd.DataFrame, "iteritems"):
        _put(pd.DataFrame, "DataFrame", {"iteritems": pd.DataFrame.items})


class _Ix:
    def __init__(self, frame: Any) -> None:
        used("DataFrame.ix", 3)
        self._frame = frame

    def __getitem__(self, key: Any) -> Any:
        try:
            return self._frame.loc[key]
        except (KeyError, TypeError):
            return self._frame.iloc[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._frame.loc[key] = value


def _pyplot(plt: Any) -> None:
    """Where there is no screen, what ``show`` would have shown is saved."""
    if plt.get_backend().lower() not in ("agg", "module://matplotlib.backends.backend_agg"):
        return
    number = 0

    def show(*arguments: Any, **options: Any) -> None:
        nonlocal number
        used("plt.show() without a screen")
        stem = Path(sys.argv[0] or "figure").stem
        for figure in plt.get_fignums():
            number += 1
            while (path := Path(f"{stem}-figure-{number}.png")).exists():  # of an earlier run: the user's
                number += 1
            plt.figure(figure).savefig(path)
            print(f"No screen: figure saved as {path}.", file=sys.stderr)
        plt.close("all")

    plt.show = show
    plt.pause = lambda interval: None  # between the pictures of an animation


def _axes3d(figure: Any) -> None:
    gca = figure.Figure.gca

    @functools.wraps(gca)
    def gca_as_before(self: Any, **options: Any) -> Any:
        return self.add_subplot(**options) if options else gca(self)

    figure.Figure.gca = gca_as_before


def encoding_of_python_2() -> None:
    """``sys.setdefaultencoding``, which scripts called after ``reload(sys)``: text is Unicode anyway."""
    if not hasattr(sys, "setdefaultencoding"):
        sys.setdefaultencoding = _noted("sys.setdefaultencoding", lambda name: None)  # type: ignore[attr-defined]


def no_screen() -> None:
    """Matplotlib is to draw into memory where no screen can be expected."""
    linux = sys.platform.startswith("linux")
    if linux and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("MPLBACKEND", "Agg")


MENDERS: dict[str, Callable[[Any], None]] = {
    "numpy": _numpy,
    "pandas": _pandas,
    "matplotlib.pyplot": _pyplot,
    "matplotlib.figure": _axes3d,
}
