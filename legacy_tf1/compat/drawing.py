"""Matplotlib as TF1 scripts knew it: names that went, and what to do where there is no screen."""

from __future__ import annotations

import functools
import importlib
import inspect
import operator
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from legacy_tf1.compat.registry import put, used, with_options
from legacy_tf1.compat.users import globals_of_caller, is_users

COLOURS = {"spectral": "nipy_spectral", "spectral_r": "nipy_spectral_r", "Vega10": "tab10", "Vega20": "tab20"}


# What functions' options are called now, of Axes and pyplot; None: they do it anyway.
OPTIONS: dict[str, dict[str, str | None]] = {
    "grid": {"b": "visible"}, "annotate": {"s": "text"}, "bar": {"left": "x"}, "barh": {"bottom": "y"},
    "boxplot": {"labels": "tick_labels"}, "stem": {"use_line_collection": None},
    "set_yscale": {"nonposy": "nonpositive", "basey": "base"}, "yscale": {"nonposy": "nonpositive", "basey": "base"},
    "set_xscale": {"nonposx": "nonpositive", "basex": "base"}, "xscale": {"nonposx": "nonpositive", "basex": "base"},
    "axes": {"axisbg": "facecolor"}, "add_subplot": {"axisbg": "facecolor"},
    "hist": {"normed": "density"}, "savefig": {"frameon": None, "papertype": None},
    **{name: {"hold": None} for name in ("plot", "imshow", "fill", "contour", "contourf", "semilogy", "loglog")},
    "scatter": {"hold": None, "verts": None},
}  # fmt: skip


# The order that options were given in by position, after the data.
POSITIONS = {"boxplot": (
    "notch", "sym", "vert", "whis", "positions", "widths", "patch_artist", "bootstrap", "usermedians",
    "conf_intervals", "meanline", "showmeans", "showcaps", "showbox", "showfliers", "boxprops", "labels",
    "flierprops", "medianprops", "meanprops", "capprops", "whiskerprops",
)}  # fmt: skip


def _mend_options(owner: Any) -> None:
    """Let functions take the options of before, where they do not take them any more."""
    for name, words in OPTIONS.items():
        if callable(today := getattr(owner, name, None)):
            mended = with_options(today, words, name)
            setattr(owner, name, _by_position(mended, POSITIONS[name]) if name in POSITIONS else mended)


def _by_position(today: Callable[..., Any], order: Sequence[str]) -> Callable[..., Any]:
    data = 2 if "self" in inspect.signature(today).parameters else 1  # arguments before the options

    @functools.wraps(today)
    def as_before(*arguments: Any, **options: Any) -> Any:
        return today(*arguments[:data], **dict(zip(order, arguments[data:], strict=False)), **options)

    return as_before


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
    """Rows, columns and place of a subplot: before Matplotlib 1.5 the place 0 was the last; 320 / 1 was a number."""
    if len(arguments) == 1 and isinstance(arguments[0], float) and hasattr(arguments[0], "__index__"):
        arguments = (operator.index(arguments[0]),)
    if len(arguments) == 1 and isinstance(arguments[0], int) and arguments[0] % 10 == 0:
        arguments = (arguments[0] // 100, arguments[0] // 10 % 10, 0)
    if len(arguments) == 3 and isinstance(arguments[2], int) and arguments[2] == 0:
        used("subplot(rows, columns, 0)")
        return *arguments[:2], int(arguments[0] * arguments[1])
    return arguments


def _pyplot(plt: Any) -> None:
    subplot = plt.subplot

    @functools.wraps(subplot)
    def subplot_as_before(*arguments: Any, **options: Any) -> Any:
        return subplot(*_last_for_none(arguments), **options)

    gca = plt.gca

    @functools.wraps(gca)
    def gca_as_before(**options: Any) -> Any:
        return plt.gcf().gca(**options) if options else gca()

    plt.subplot, plt.gca = subplot_as_before, gca_as_before
    _mend_options(plt)
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
        "set_color_cycle": lambda self, colours: self.set_prop_cycle(color=colours),
        "get_axes": lambda self: self,
    })  # fmt: skip
    _mend_options(axes)
    # What an axes has drawn was a list, from which lines were taken that are to be drawn anew.
    put(axes.ArtistList, "ArtistList", {
        "remove": lambda self, artist: artist.remove(),
        "pop": lambda self, place=-1: _taken(self, place),
        "__delitem__": lambda self, place: _taken(self, place),
    })  # fmt: skip


def _taken(artists: Any, place: Any) -> Any:
    found = artists[place]
    for artist in found if isinstance(place, slice) else [found]:
        artist.remove()
    return found


def _bivariate_normal(
    x: Any, y: Any, sigmax: float = 1.0, sigmay: float = 1.0, mux: float = 0.0, muy: float = 0.0, sigmaxy: float = 0.0
) -> Any:
    """Density of a normal distribution in the plane, at points (x, y)."""
    np = importlib.import_module("numpy")
    one, two, rho = (x - mux) / sigmax, (y - muy) / sigmay, sigmaxy / (sigmax * sigmay)
    square = (one**2 - 2 * rho * one * two + two**2) / (1 - rho**2)
    return np.exp(-square / 2) / (2 * np.pi * sigmax * sigmay * np.sqrt(1 - rho**2))


def _mlab(mlab: Any) -> None:
    np = importlib.import_module("numpy")
    put(mlab, "mlab", {
        "normpdf": lambda x, mu, sigma: _bivariate_normal(x, 0.0, sigma, mux=mu) * np.sqrt(2 * np.pi),
        "bivariate_normal": _bivariate_normal,
    })  # fmt: skip


def _canvas(module: Any) -> None:
    put(module.FigureCanvasBase, "FigureCanvas", {"set_window_title": lambda self, title: None})


def _figure(module: Any) -> None:
    put(module.Figure, "Figure", {"hold": lambda self, on=None: None})
    _mend_options(module.Figure)
    gca, add_subplot = module.Figure.gca, module.Figure.add_subplot

    @functools.wraps(gca)
    def gca_as_before(self: Any, **options: Any) -> Any:
        return self.add_subplot(**options) if options else gca(self)

    @functools.wraps(add_subplot)
    def add_subplot_as_before(self: Any, *arguments: Any, **options: Any) -> Any:
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
    put(module.Axes3D, "Axes3D", {f"w_{each}axis": property(operator.attrgetter(f"{each}axis")) for each in "xyz"})


MENDERS: dict[str, Callable[[Any], None]] = {
    "matplotlib": _matplotlib,
    "matplotlib.cm": _colours,
    "matplotlib.pyplot": _pyplot,
    "matplotlib.axes": _axes,
    "matplotlib.figure": _figure,
    "matplotlib.mlab": _mlab,
    "matplotlib.backend_bases": _canvas,
    "mpl_toolkits.mplot3d.axes3d": _axes3d,
}
