"""Matplotlib as TF1 scripts knew it: names that went, and what to do where there is no screen."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from legacy_tf1.compat.registry import put, used
from legacy_tf1.compat.users import globals_of_caller, is_users

COLOURS = {"spectral": "nipy_spectral", "spectral_r": "nipy_spectral_r", "Vega10": "tab10", "Vega20": "tab20"}


def no_screen() -> None:
    """Matplotlib is to draw into memory where no screen can be expected."""
    if _without_screen():
        os.environ.setdefault("MPLBACKEND", "Agg")


def _without_screen() -> bool:
    linux = sys.platform.startswith("linux")
    return linux and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _matplotlib(matplotlib: Any) -> None:
    for before, now in COLOURS.items():
        if before not in matplotlib.colormaps:
            matplotlib.colormaps.register(matplotlib.colormaps[now], name=before)
    use = matplotlib.use

    @functools.wraps(use)
    def used_backend(backend: str, *arguments: Any, **options: Any) -> None:
        options.pop("warn", None)
        try:
            use(backend, *arguments, **options)
        except (ImportError, ValueError):  # of a toolkit that is not there, or of before
            if not _without_screen():
                raise
            used(f"matplotlib.use({backend!r}) without a screen")
            use("Agg", force=True)
        else:
            if _without_screen():
                _draw_into_memory(matplotlib)

    matplotlib.use = used_backend


def _draw_into_memory(matplotlib: Any) -> None:
    """Where a backend for screens was asked for that would fail at its first figure."""
    if not matplotlib.get_backend().lower().startswith(("agg", "pdf", "svg", "ps", "cairo", "module:")):
        used(f"matplotlib.use({matplotlib.get_backend()!r}) without a screen")
        matplotlib.rcParams["backend"] = "Agg"


def _colours(cm: Any) -> None:
    colormaps = importlib.import_module("matplotlib").colormaps

    def get_cmap(name: Any = None, lut: int | None = None) -> Any:
        colours = colormaps[name or "viridis"] if name is None or isinstance(name, str) else name
        return colours if lut is None else colours.resampled(lut)

    put(cm, "cm", {before: colormaps[now] for before, now in COLOURS.items()})
    put(cm, "cm", {"get_cmap": get_cmap})


def _last_for_none(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Rows, columns and place of a subplot: before Matplotlib 1.5 the place 0 was the last."""
    if len(arguments) == 3 and isinstance(arguments[2], int) and arguments[2] == 0:
        used("subplot(rows, columns, 0)")
        return *arguments[:2], int(arguments[0] * arguments[1])
    return arguments


def _pyplot(plt: Any) -> None:
    subplot = plt.subplot

    @functools.wraps(subplot)
    def subplot_as_before(*arguments: Any, **options: Any) -> Any:
        return subplot(*_last_for_none(arguments), **options)

    plt.subplot = subplot_as_before
    put(plt, "plt", {"hold": lambda on=None: None, "ishold": lambda: True})  # figures hold anyway
    put(plt, "plt", {"get_cmap": lambda name=None, lut=None: plt.cm.get_cmap(name, lut)})
    if plt.get_backend().lower() in ("agg", "module://matplotlib.backends.backend_agg"):
        _save_what_is_shown(plt)
    for before in [name for name in plt.style.library if name.startswith("seaborn-v0_8")]:
        plt.style.library.setdefault(before.replace("-v0_8", ""), plt.style.library[before])


def _save_what_is_shown(plt: Any) -> None:
    """Where there is no screen, what ``show`` would have shown is saved."""
    number = 0

    def save(figures: list[int], say: str) -> None:
        nonlocal number
        used(f"{say} without a screen")
        stem = Path(sys.argv[0] or "figure").stem
        for figure in figures:
            number += 1
            while (path := Path(f"{stem}-figure-{number}.png")).exists():  # of an earlier run: the user's
                number += 1
            plt.figure(figure).savefig(path)
            print(f"No screen: figure saved as {path}.", file=sys.stderr)

    def show(*arguments: Any, **options: Any) -> None:
        save(plt.get_fignums(), "plt.show()")
        plt.close("all")

    shown: dict[int, Path] = {}

    def show_figure(figure: Any, warn: bool = True) -> None:
        """One figure, which stays open: its picture is saved over the one before."""
        used("Figure.show() without a screen")
        stem = Path(sys.argv[0] or "figure").stem
        key = id(figure)
        if key not in shown:
            place = 1
            while (path := Path(f"{stem}-shown-{place}.png")).exists() or path in shown.values():
                place += 1
            shown[key] = path
            print(f"No screen: figure saved as {path}.", file=sys.stderr)
        figure.savefig(shown[key])

    plt.show = show
    importlib.import_module("matplotlib.figure").Figure.show = show_figure
    plt.pause = lambda interval: None  # between the pictures of an animation
    plt.waitforbuttonpress = lambda timeout=-1: None  # nobody can press one
    plt.ginput = lambda *arguments, **options: []


def _axes(module: Any) -> None:
    axes = module.Axes
    put(axes, "Axes", {
        "hold": lambda self, on=None: None, "ishold": lambda self: True,
        "set_axis_bgcolor": lambda self, colour: self.set_facecolor(colour),
        "get_axis_bgcolor": lambda self: self.get_facecolor(),
    })  # fmt: skip
    hist = axes.hist

    @functools.wraps(hist)
    def hist_as_before(self: Any, *arguments: Any, normed: Any = None, **options: Any) -> Any:
        if normed is not None:
            used("hist(normed=)")
            options.setdefault("density", bool(normed))
        return hist(self, *arguments, **options)

    axes.hist = hist_as_before


def _figure(module: Any) -> None:
    gca, add_subplot = module.Figure.gca, module.Figure.add_subplot

    @functools.wraps(gca)
    def gca_as_before(self: Any, **options: Any) -> Any:
        return self.add_subplot(**options) if options else gca(self)

    @functools.wraps(add_subplot)
    def add_subplot_as_before(self: Any, *arguments: Any, axisbg: Any = None, **options: Any) -> Any:
        if axisbg is not None:
            used("add_subplot(axisbg=)")
            options["facecolor"] = axisbg
        return add_subplot(self, *_last_for_none(arguments), **options)

    module.Figure.gca = gca_as_before
    module.Figure.add_subplot = add_subplot_as_before


def _axes3d(module: Any) -> None:
    made = module.Axes3D.__init__

    @functools.wraps(made)
    def made_as_before(self: Any, figure: Any, *arguments: Any, **options: Any) -> None:
        made(self, figure, *arguments, **options)
        if is_users(globals_of_caller()):  # Axes3D(figure): it was part of the figure
            used("Axes3D(figure)")
            figure.add_axes(self)

    module.Axes3D.__init__ = made_as_before


MENDERS: dict[str, Callable[[Any], None]] = {
    "matplotlib": _matplotlib,
    "matplotlib.cm": _colours,
    "matplotlib.pyplot": _pyplot,
    "matplotlib.axes": _axes,
    "matplotlib.figure": _figure,
    "mpl_toolkits.mplot3d.axes3d": _axes3d,
}
