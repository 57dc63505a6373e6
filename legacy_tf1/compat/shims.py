"""What Python's libraries have dropped since TF1 scripts were written, put back into this process's modules.

Only names that are missing are put back, and what they do is what they did. ``--no-shims`` leaves all of it out.
"""

from __future__ import annotations

import base64
import collections
import collections.abc
import csv
import fractions
import functools
import html
import importlib
import importlib.util
import inspect
import io
import itertools
import math
import os
import string
import sys
import time
import types
import urllib
import urllib.parse
import urllib.request
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from legacy_tf1.compat import drawing, mnist_addresses
from legacy_tf1.compat.python2 import One
from legacy_tf1.compat.registry import noted, put, used, with_options
from legacy_tf1.compat.users import globals_of_caller, is_users

_mended: set[str] = set()
allows_pickles = False  # whether np.load may read objects, which can run code: --allow-pickle


def mend_loaded() -> None:
    """Mend the modules that are loaded by now and have not been mended."""
    for name, mend in MENDERS.items():
        module = sys.modules.get(name)
        spec = getattr(module, "__spec__", None)
        if module is not None and name not in _mended and not getattr(spec, "_initializing", False):
            _mended.add(name)
            mend(module)


def stand_in(name: str) -> bool:
    """Give a module that is gone its place; whether there is one to stand for it."""
    if name not in STAND_INS or name in sys.modules:
        return False
    used(f"import {name}", 1)
    contents = STAND_INS[name]()
    if isinstance(contents, dict):
        module = types.ModuleType(name)
        module.__dict__.update(contents, __path__=[])
        contents = module
    sys.modules[name] = contents
    parent, _, last = name.rpartition(".")
    if parent:
        stand_in(parent)
        setattr(importlib.import_module(parent), last, contents)
    return True


def mend_python() -> None:
    """Mend Python's own modules."""
    put(collections, "collections", {name: getattr(collections.abc, name) for name in collections.abc.__all__})
    put(fractions, "fractions", {"gcd": math.gcd})
    put(html, "html", {})
    put(inspect, "inspect", {"getargspec": _getargspec})
    put(itertools, "itertools", {
        "izip": zip, "imap": map, "ifilter": filter, "izip_longest": itertools.zip_longest,
        "ifilterfalse": itertools.filterfalse,
    })  # fmt: skip
    put(os, "os", {"getcwdu": os.getcwd})
    # Time of the processor but on Windows, where it was time on the wall.
    put(time, "time", {"clock": time.perf_counter if sys.platform == "win32" else time.process_time})
    put(sys, "sys", {"maxint": sys.maxsize, "setdefaultencoding": lambda name: None})  # text is Unicode anyway
    put(base64, "base64", {"encodestring": base64.encodebytes, "decodestring": base64.decodebytes})
    letters = {
        "letters": string.ascii_letters,
        "lowercase": string.ascii_lowercase,
        "uppercase": string.ascii_uppercase,
    }
    functions = {
        "atoi": int, "atof": float, "maketrans": str.maketrans, "join": lambda words, sep=" ": sep.join(words),
        **{name: _of_text(name) for name in ("split", "replace", "strip", "upper", "lower", "find", "zfill")},
    }  # fmt: skip
    put(string, "string", letters | functions)
    mnist_addresses.mend()
    requests = ("urlretrieve", "urlopen", "urlcleanup", "URLopener", "FancyURLopener", "pathname2url", "url2pathname")
    parts = ("urlencode", "quote", "quote_plus", "unquote", "unquote_plus")
    put(urllib, "urllib", {
        **{name: getattr(urllib.request, name) for name in requests if hasattr(urllib.request, name)},
        **{name: getattr(urllib.parse, name) for name in parts},
    })  # fmt: skip
    for name in ("reader", "DictReader"):
        setattr(csv, name, _of_text_file(getattr(csv, name), io.TextIOWrapper))
    for name in ("writer", "DictWriter"):
        setattr(csv, name, _of_text_file(getattr(csv, name), _Written))


def _of_text(name: str) -> Callable[..., Any]:
    def function(text: str, *arguments: Any) -> Any:
        return getattr(text, name)(*arguments)

    return function


def _getargspec(function: Any) -> Any:
    return ArgSpec(*inspect.getfullargspec(function)[:4])


ArgSpec = collections.namedtuple("ArgSpec", ["args", "varargs", "keywords", "defaults"])


class _Written:
    """A file of bytes, to which text is written."""

    def __init__(self, file: Any, **options: Any) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return int(self._file.write(text.encode("utf-8")))


def _of_text_file(today: Any, wrapped: Any) -> Any:
    """A reader or writer of the module ``csv``, which in Python 2 was given files of bytes."""

    def opened(file: Any) -> Any:
        if not isinstance(file, io.BufferedIOBase):
            return file
        used("csv of a file of bytes")
        return wrapped(file, newline="", encoding="utf-8")

    if isinstance(today, type):

        class Csv(today):
            def __init__(self, f: Any, *arguments: Any, **options: Any) -> None:
                super().__init__(opened(f), *arguments, **options)

        Csv.__name__ = Csv.__qualname__ = today.__name__
        return Csv

    @functools.wraps(today)
    def made(file: Any, *arguments: Any, **options: Any) -> Any:
        return today(opened(file), *arguments, **options)

    return made


class _Casts:
    """``np.cast[kind](values)``."""

    def __init__(self, np: Any) -> None:
        self._np = np

    def __getitem__(self, kind: Any) -> Callable[[Any], Any]:
        return lambda values: self._np.asarray(values).astype(kind)


def _numpy(np: Any) -> None:
    put(
        np,
        "np",
        {
            "float": float, "int": int, "bool": bool, "object": object, "str": str, "complex": complex, "long": int,
            "unicode": str, "float_": np.float64, "complex_": np.complex128, "string_": np.bytes_, "unicode_": np.str_,
            "bool8": np.bool_, "object0": np.object_, "str0": np.str_, "bytes0": np.bytes_, "int0": np.intp,
            "uint0": np.uintp, "cfloat": np.complex128, "singlecomplex": np.complex64, "longfloat": np.longdouble,
            "longcomplex": np.clongdouble, "clongfloat": np.clongdouble,
            "Inf": np.inf, "Infinity": np.inf, "PINF": np.inf, "NINF": -np.inf, "NaN": np.nan, "NAN": np.nan,
            "infty": np.inf, "PZERO": 0.0, "NZERO": -0.0, "math": math, "cast": _Casts(np),
            "asscalar": lambda a: np.asarray(a).item(), "alen": len,
            "asfarray": lambda a, dtype=np.float64: np.asarray(a, dtype),
            "product": lambda *a, **o: np.prod(*a, **o), "cumproduct": lambda *a, **o: np.cumprod(*a, **o),
            "alltrue": lambda *a, **o: np.all(*a, **o), "sometrue": lambda *a, **o: np.any(*a, **o),
            "row_stack": lambda *a, **o: np.vstack(*a, **o),
            "in1d": lambda one, two, **options: np.isin(np.ravel(one), two, **options),
            "round_": lambda *a, **o: np.round(*a, **o), "rank": lambda a: np.ndim(a),
            "msort": lambda a: np.sort(a, axis=0),
        },
    )  # fmt: skip
    if int(np.__version__.split(".")[0]) > 1:
        np.set_printoptions(legacy="1.25")  # [0.5], where NumPy 2 prints [np.float32(0.5)]
    if hasattr(np, "trapezoid"):
        put(np, "np", {"trapz": lambda *a, **o: np.trapezoid(*a, **o)})
    put(np.random, "np.random", {
        "random_integers": lambda low, high=None, size=None: np.random.randint(
            *((1, low + 1) if high is None else (low, high + 1)), size=size
        ),
    })  # fmt: skip
    _wrap(
        np, "reshape", lambda today, a, *shape, newshape=None, **options: _reshaped(today, a, shape, newshape, options)
    )
    _wrap(np, "load", _loaded)
    _wrap(np, "fromstring", _from_string)
    _wrap(np, "histogram", _not_normed)
    _wrap(np, "frombuffer", _index_of_one)
    array = np.array

    @functools.wraps(array)
    def ragged(*arguments: Any, **options: Any) -> Any:
        try:
            return array(*arguments, **options)
        except ValueError as error:
            given = len(arguments) > 1 or options.get("dtype") is not None
            if "inhomogeneous" not in str(error) or given or not is_users(globals_of_caller()):
                raise
            used("np.array of rows of several lengths")
            return array(*arguments, **{**options, "dtype": object})

    np.array = ragged


def _index_of_one(today: Any, *arguments: Any, **options: Any) -> Any:
    """One whole number read from a file was good for a length or an index; readers of MNIST went by that."""
    read = today(*arguments, **options)
    if read.shape != (1,) or read.dtype.kind not in "iu" or not is_users(globals_of_caller()):
        return read
    used("np.frombuffer of one number as an index")
    return read.view(One)


def _wrap(module: Any, name: str, before: Callable[..., Any]) -> None:
    """Put a function of before in the place of today's, which it is given first."""
    today = getattr(module, name)
    setattr(module, name, functools.wraps(today)(functools.partial(before, today)))


def _reshaped(today: Any, a: Any, shape: Any, newshape: Any, options: dict[str, Any]) -> Any:
    if newshape is None:
        return today(a, *shape, **options)
    used("np.reshape(newshape=)")
    return today(a, newshape, **options)


def _loaded(today: Any, file: Any, *arguments: Any, **options: Any) -> Any:
    if allows_pickles and len(arguments) < 2:
        options.setdefault("allow_pickle", True)
    try:
        return today(file, *arguments, **options)
    except UnicodeError:  # an array of Python 2
        used("np.load of an array of Python 2")
        return today(file, *arguments, **{**options, "encoding": "latin1"})
    except ValueError as error:
        if "allow_pickle=False" not in str(error):
            raise
        raise ValueError(
            f"{file}: holds Python objects, and reading these can run any code that is in the file; "
            "where you trust it, run python -m legacy_tf1 --allow-pickle script.py"
        ) from None


def _from_string(today: Any, text: Any, dtype: Any = float, count: int = -1, *, sep: str = "", **options: Any) -> Any:
    if sep:
        return today(text, dtype, count, sep=sep, **options)
    import numpy as np

    used("np.fromstring of bytes")
    return np.frombuffer(text.encode("latin-1") if isinstance(text, str) else text, dtype, count).copy()


def _not_normed(today: Any, *arguments: Any, normed: Any = None, **options: Any) -> Any:
    if normed is not None:
        used("histogram(normed=)")
        options.setdefault("density", bool(normed))
    return today(*arguments, **options)


def _pandas(pd: Any) -> None:
    if int(pd.__version__.split(".")[0]) == 3:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that pandas 4 will lack it
            pd.set_option("future.infer_string", False)  # columns of texts are arrays of objects

    def as_matrix(frame: Any, columns: Any = None) -> Any:
        return _writeable((frame if columns is None else frame[columns]).to_numpy())

    def append(frame: Any, other: Any, ignore_index: bool = False, **options: Any) -> Any:
        if isinstance(other, (dict, pd.Series)) and isinstance(frame, pd.DataFrame):
            other = pd.DataFrame([other])
        others = other if isinstance(other, list) else [other]
        return pd.concat([frame, *others], ignore_index=ignore_index)

    def get_value(frame: Any, index: Any, column: Any) -> Any:
        return frame.at[index, column]

    def set_value(frame: Any, index: Any, *place: Any) -> Any:
        frame.at[(index, place[0]) if len(place) > 1 else index] = place[-1]
        return frame

    def sort(frame: Any, columns: Any = None, **options: Any) -> Any:
        return frame.sort_index(**options) if columns is None else frame.sort_values(columns, **options)

    def order(series: Any, **options: Any) -> Any:
        return series.sort_values(**options)

    for kind in (pd.DataFrame, pd.Series):
        put(kind, kind.__name__, {
            "as_matrix": as_matrix, "append": append, "get_value": get_value, "set_value": set_value,
            "get_values": as_matrix, "iteritems": kind.items,
        })  # fmt: skip
        # .ix took labels and, failing these, positions.
        if not hasattr(kind, "ix"):
            kind.ix = property(lambda frame: _Ix(frame))
        _let_users_write(kind)
    put(pd.DataFrame, "DataFrame", {"sort": sort, "from_csv": _from_csv(pd)})
    if hasattr(pd.DataFrame, "map"):
        put(pd.DataFrame, "DataFrame", {"applymap": pd.DataFrame.map})
    put(pd.Series, "Series", {"order": order})
    put(pd, "pd", {f"rolling_{name}": _rolling(name) for name in ("mean", "std", "var", "sum", "min", "max", "median")})
    put(pd, "pd", {"np": importlib.import_module("numpy"), "datetime": importlib.import_module("datetime").datetime})
    plotting = importlib.import_module("pandas.plotting")
    put(pd, "pd", {"scatter_matrix": plotting.scatter_matrix})
    _wrap(pd, "read_csv", _read_csv)
    _wrap(pd, "get_dummies", _dummies)


def _writeable(array: Any) -> Any:
    # pandas 3 locks what it gives away, so that it can share it; scripts divide and shuffle in it.
    if not array.flags.writeable:
        try:
            array.flags.writeable = True
        except ValueError:  # of a file that is mapped
            return array.copy()
    return array


def _let_users_write(kind: Any) -> None:
    today = kind.values.fget

    def values(frame: Any) -> Any:
        array = today(frame)
        if hasattr(array, "flags") and not array.flags.writeable and is_users(globals_of_caller()):
            return _writeable(array)
        return array

    kind.values = property(values, doc=kind.values.__doc__)


def _from_csv(pd: Any) -> Any:
    def from_csv(path: Any, header: Any = 0, sep: str = ",", index_col: Any = 0, parse_dates: Any = True) -> Any:
        return pd.read_csv(path, header=header, sep=sep, index_col=index_col, parse_dates=parse_dates)

    return staticmethod(noted("DataFrame.from_csv", from_csv))


def _rolling(name: str) -> Callable[..., Any]:
    def rolling(values: Any, window: int, min_periods: int | None = None, center: bool = False, **options: Any) -> Any:
        pd = importlib.import_module("pandas")
        series = values if isinstance(values, (pd.Series, pd.DataFrame)) else pd.Series(values)
        rolled = getattr(series.rolling(window, min_periods=min_periods, center=center), name)(**options)
        return rolled if series is values else rolled.to_numpy()

    return rolling


def _read_csv(today: Any, *arguments: Any, **options: Any) -> Any:
    if not {"error_bad_lines", "warn_bad_lines", "delim_whitespace", "squeeze", "prefix", "infer_datetime_format",
            "tupleize_cols", "mangle_dupe_cols", "skip_footer"} & set(options):  # fmt: skip
        return today(*arguments, **options)
    used("pd.read_csv with options of before")
    warns = options.pop("warn_bad_lines", True)
    if options.pop("error_bad_lines", True) is False:
        options["on_bad_lines"] = "warn" if warns else "skip"
    if options.pop("delim_whitespace", False):
        options["sep"] = r"\s+"
    if (last := options.pop("skip_footer", None)) is not None:
        options["skipfooter"] = last
    for name in ("infer_datetime_format", "tupleize_cols", "mangle_dupe_cols"):
        options.pop(name, None)
    squeezed, prefix = options.pop("squeeze", False), options.pop("prefix", None)
    frame = today(*arguments, **options)
    if prefix is not None and options.get("header", "infer") is None:
        frame.columns = [f"{prefix}{name}" for name in frame.columns]
    return frame.squeeze("columns") if squeezed else frame


def _dummies(today: Any, *arguments: Any, **options: Any) -> Any:
    if len(arguments) < 8 and "dtype" not in options and is_users(globals_of_caller()):
        import numpy as np

        options["dtype"] = np.uint8  # truth values beside numbers make a frame's array one of objects
    return today(*arguments, **options)


class _Ix:
    def __init__(self, frame: Any) -> None:
        used("DataFrame.ix")
        self._frame = frame

    def _at(self, key: Any) -> Any:
        """By label; axes whose labels are no numbers also by position."""
        keys = list(key) if isinstance(key, tuple) else [key]
        for axis, each in enumerate(keys):
            labels = self._frame.axes[axis]
            if labels.dtype.kind not in "iuf" and _counted(each):
                keys[axis] = labels[each]
        return tuple(keys) if isinstance(key, tuple) else keys[0]

    def __getitem__(self, key: Any) -> Any:
        try:
            return self._frame.loc[self._at(key)]
        except (KeyError, TypeError):
            return self._frame.iloc[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._frame.loc[self._at(key)] = value


def _counted(key: Any) -> bool:
    """Whether a key is made of positions."""
    if isinstance(key, slice):
        given = [each for each in (key.start, key.stop) if each is not None]
        return bool(given) and all(isinstance(each, int) for each in given)
    if isinstance(key, Iterable) and not isinstance(key, str):
        return all(isinstance(each, int) and not isinstance(each, bool) for each in key)
    return isinstance(key, int) and not isinstance(key, bool)


def _renamed(kind: Any, words: dict[str, str | None]) -> None:
    """Let a class be made with words of before."""
    kind.__init__ = with_options(kind.__init__, words, kind.__name__)


def _sklearn_preprocessing(preprocessing: Any) -> None:
    _renamed(preprocessing.OneHotEncoder, {"sparse": "sparse_output"})

    def imputer(missing_values: Any = "NaN", strategy: str = "mean", axis: int = 0, **options: Any) -> Any:
        impute = importlib.import_module("sklearn.impute")
        return impute.SimpleImputer(
            missing_values=float("nan") if missing_values == "NaN" else missing_values, strategy=strategy
        )

    put(preprocessing, "sklearn.preprocessing", {"Imputer": imputer})


def _scipy(scipy: Any) -> None:
    np = importlib.import_module("numpy")
    # SciPy had NumPy's names too.
    functions = {name: value for name, value in vars(np).items() if not name.startswith("_")}
    put(scipy, "scipy", {
        name: (lambda today: lambda *a, **o: today(*a, **o))(value) if callable(value) and not isinstance(value, type)
        else value
        for name, value in functions.items()
        if name not in scipy.__all__ and not isinstance(value, types.ModuleType)
    } | {"random": np.random})  # fmt: skip
    if importlib.util.find_spec("scipy.misc") is None:
        sys.modules["scipy.misc"] = scipy.misc = types.ModuleType("scipy.misc")


def _sklearn_datasets(datasets: Any) -> None:
    def fetched(**which: Any) -> Any:
        return datasets.fetch_openml(as_frame=False, parser="liac-arff", **which)

    put(datasets, "sklearn.datasets", {
        "load_boston": lambda return_X_y=False: fetched(data_id=531, return_X_y=return_X_y),
        "fetch_mldata": lambda name, **unused: fetched(
            **{"name": "mnist_784", "version": 1} if name.lower().startswith("mnist") else {"name": name}
        ),
    })  # fmt: skip


def _scipy_misc(misc: Any) -> None:
    own = importlib.import_module("legacy_tf1.compat.scipy_misc")
    put(misc, "scipy.misc", {name: getattr(own, name) for name in own.__all__})
    if "__getattr__" not in vars(misc):
        misc.__getattr__ = own.__getattr__


def _ndimage(ndimage: Any) -> None:
    put(ndimage, "scipy.ndimage", {"imread": importlib.import_module("legacy_tf1.compat.scipy_misc").imread})


def _pil(image: Any) -> None:
    put(image, "Image", {
        "ANTIALIAS": image.Resampling.LANCZOS, "LINEAR": image.Resampling.BILINEAR, "CUBIC": image.Resampling.BICUBIC,
        "fromstring": image.frombytes,
    })  # fmt: skip


def _pil_font(module: Any) -> None:
    def getsize(font: Any, text: str, *arguments: Any, **options: Any) -> tuple[int, int]:
        box = font.getbbox(text, *arguments, **options)
        return int(box[2]), int(box[3])

    for name in ("FreeTypeFont", "ImageFont"):
        put(getattr(module, name), name, {"getsize": getsize})


def _pil_draw(module: Any) -> None:
    def textsize(draw: Any, text: str, font: Any = None, **options: Any) -> tuple[int, int]:
        box = draw.textbbox((0, 0), text, font, **options)
        return int(box[2]), int(box[3])

    put(module.ImageDraw, "ImageDraw", {"textsize": textsize})


def _keras(keras: Any) -> None:
    importlib.import_module("legacy_tf1.compat.keras2").mend(keras)


MENDERS: dict[str, Callable[[Any], None]] = {
    "numpy": _numpy,
    "pandas": _pandas,
    "scipy": _scipy,
    "scipy.misc": _scipy_misc,
    "scipy.ndimage": _ndimage,
    "sklearn.datasets": _sklearn_datasets,
    "sklearn.preprocessing": _sklearn_preprocessing,
    "sklearn.manifold": lambda manifold: _renamed(manifold.TSNE, {"n_iter": "max_iter"}),
    "PIL.Image": _pil,
    "PIL.ImageFont": _pil_font,
    "PIL.ImageDraw": _pil_draw,
    "tf_keras": _keras,
    **drawing.MENDERS,
}


def _of(name: str, *names: str) -> Callable[[], Any]:
    """What a module has, or these names of it."""

    def contents() -> Any:
        module = importlib.import_module(name)
        return {each: getattr(module, each) for each in names} if names else module

    return contents


def _load_source(name: str, path: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path}: no source")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Modules that are gone → what is in them, or what is in their place.
STAND_INS: dict[str, Callable[[], Any]] = {
    "sklearn.cross_validation": _of("legacy_tf1.compat.sklearn_before"),
    "sklearn.grid_search": _of("sklearn.model_selection", "GridSearchCV", "RandomizedSearchCV", "ParameterGrid"),
    "sklearn.externals": dict,
    "sklearn.externals.joblib": _of("joblib"),
    "sklearn.datasets.samples_generator": _of("sklearn.datasets"),
    "sklearn.preprocessing.imputation": _of("sklearn.preprocessing", "Imputer"),
    **{
        f"keras_preprocessing{name}": _of(f"tf_keras.preprocessing{name}")
        for name in ("", ".image", ".sequence", ".text")
    },
    "pandas.tools": dict,
    "pandas.tools.plotting": _of("pandas.plotting"),
    "xml.etree.cElementTree": _of("xml.etree.ElementTree"),
    "imp": lambda: {"reload": importlib.reload, "load_source": _load_source},
    "cgi": lambda: {"escape": html.escape},
}
