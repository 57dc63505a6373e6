"""Command-line flags from a frozen dataclass: a program's configuration is one class, its fields are the flags.

Both trees of programs use it. It needs the standard library alone, so ``--help`` and every wrong flag are
answered before TensorFlow is imported. A field is declared with :func:`flag`; the name ``data_dir`` answers to
``--data-dir`` and ``--data_dir`` alike, since TF1 programs wrote the one and today's programs write the other.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import difflib
import errno
import gc
import io
import math
import os
import sys
import threading
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from tfport import files
from tfport.errors import UserError, printable

LARGEST_INT = 10**9  # beyond any sensible step count, batch or seed, and still exact in 32 bits
LARGEST_FLOAT = 1e20  # beyond any sensible rate, and still finite in float32
MOST_SHOWN = 1000  # characters of an error's sentence

F = TypeVar("F", bound="Flags")
R = TypeVar("R")


def flag(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> Any:
    """A field of a :class:`Flags` class.

    Args:
        default: its value where the flag is not given. ``None`` where the class settles it (see ``Flags.settle``), or
            for a field that may stay None.
        help: one line for ``--help``.
        low: smallest value allowed.
        high: largest value allowed.
        above: for a float, a bound that is itself not allowed: a learning rate of 0 learns nothing.
        below: the same from the other side.
    """
    bounds = {"low": low, "high": high, "above": above, "below": below}
    return dataclasses.field(default=default, metadata={"help": help, **bounds})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Flags:
    """Base of a program's configuration: frozen, checked at construction, parsed from the command line.

    Subclasses are frozen keyword-only dataclasses whose fields are made by :func:`flag` and are of the types
    int, float, bool, str, a Literal of strings, or one of these with ``| None``. The dictionary ``RETIRED`` of a class
    answers flags that are gone: the name without dashes, and the sentence that says what to write instead.

    Raises:
        UserError: a value is of the wrong type, not finite, or out of range; the message names the flag.
    """

    def __post_init__(self) -> None:
        for name, kind in _kinds(type(self)).items():
            object.__setattr__(self, name, kind.check(getattr(self, name)))

    def settle(self, **defaults: Any) -> None:
        """Give fields that were not set a default that depends on other fields; for ``__post_init__`` of subclasses."""
        for name, default in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, default)

    @classmethod
    def parse(
        cls: type[F],
        argv: Sequence[str] | None = None,
        *,
        prog: str,
        description: str,
    ) -> F:
        """Read the flags.

        Args:
            argv: the arguments without the program's name; ``sys.argv[1:]`` where None.
            prog: the program's name as the user called it.
            description: what ``--help`` opens with.

        Raises:
            UserError: an unknown flag, or a value that its field refuses.
            SystemExit: with code 0, after ``--help``.
        """
        parser = _Parser(prog=prog, description=description, allow_abbrev=False)
        kinds = _kinds(cls)
        for name, kind in kinds.items():
            options: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS, "help": kind.help()}
            if kind.type is bool:
                # TF1's flags were bare or took a value; `--fake_data` and `--fake_data=true` are both in use.
                options |= {"nargs": "?", "const": "true", "metavar": "BOOL"}
            else:
                options["metavar"] = kind.metavar()
            parser.add_argument(*kind.spellings(), **options)
        arguments = list(sys.argv[1:] if argv is None else argv)
        known, unknown = parser.parse_known_args(arguments)
        if unknown:
            retired: dict[str, str] = {}
            for base in reversed(cls.__mro__):
                retired |= vars(base).get("RETIRED", {})
            raise UserError(_unknown_flag(unknown[0], kinds, retired))
        return cls(**{name: kinds[name].convert(text) for name, text in vars(known).items()})


def folder(flag_name: str, path: str) -> Path:
    """The folder of that path, made where it was not there.

    Raises:
        UserError: it cannot be made or written (by TensorFlow), or is full; the message names the flag.
    """
    try:
        os.fsencode(path).decode("utf-8")
        os.makedirs(path, exist_ok=True)
        files.try_folder(path)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{flag_name} {path}: TensorFlow writes to names in UTF-8 alone; name another folder"
        ) from error
    except OSError as error:
        raise UserError(f"{flag_name} {path}: cannot be written ({error.strerror}); name another folder") from error
    return Path(path)


def file(flag_name: str, path: str) -> Path:
    """The path of a file to be written, in a folder that can be: known before the work, not after it.

    Raises:
        UserError: it is a folder, or its own cannot be written or is full; the message names the flag.
    """
    if os.path.isdir(path):
        raise UserError(f"{flag_name} {path}: is a folder; name a file")
    try:
        files.try_folder(os.path.dirname(path) or ".")
        with contextlib.suppress(FileNotFoundError):
            os.lstat(path)  # which refuses a name that is too long
    except OSError as error:
        raise UserError(f"{flag_name} {path}: its folder cannot be written ({error.strerror}); name another") from error
    return Path(path)


def run(main: Callable[[], R]) -> R:
    """Call a program's main function; turn what the user can mend into one sentence and exit code 2.

    Ctrl-C leaves with 130, as a shell expects of an interrupted program; so does 141 where who reads the output has
    closed the pipe (``tfport compare cnn | head``).
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names of files need not be text, and not every terminal can show all of it: no reason to die after training.
        sys.stdout.reconfigure(errors="backslashreplace")
    in_threads = threading.excepthook
    # A thread that writes for the program prints no traceback over a full disk: the program is told of it in the end.
    threading.excepthook = lambda told: None if files.disk_fault(told.exc_value) else in_threads(told)
    try:
        result = main()
        if sys.stdout is not None:
            sys.stdout.flush()
        return result
    except BrokenPipeError:
        _drop_output()
        raise SystemExit(141) from None
    except UserError as error:
        print(f"error: {printable(error, MOST_SHOWN)}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise SystemExit(130) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            sentence = f"{printable(error.filename, 80)}: {error.strerror}; choose a shorter name"
        elif fault := files.disk_fault(error):
            sentence = f"{printable(fault, MOST_SHOWN)}; make room, or write elsewhere"
            _drop_output()  # it may be what was written
        else:
            raise
        print(f"error: {sentence}", file=sys.stderr)
        raise SystemExit(2) from None
    finally:
        threading.excepthook = in_threads
        gc.freeze()  # the process is about to end: what is there need not be looked through once more


def _drop_output() -> None:
    """What is still held for a pipe that is closed or a disk that is full would be tried once more at the end."""
    with contextlib.suppress(AttributeError, io.UnsupportedOperation):  # no output at all, or a notebook's
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help")


@dataclasses.dataclass(frozen=True)
class _Kind:
    """One field: its type, and what is allowed."""

    name: str
    type: type
    choices: tuple[str, ...]
    optional: bool
    default: Any
    metadata: Mapping[str, Any]

    def spellings(self) -> list[str]:
        return list(dict.fromkeys(["--" + self.name.replace("_", "-"), "--" + self.name]))

    def metavar(self) -> str:
        if self.choices:
            return "|".join(self.choices)
        if self.name.endswith("_dir"):
            return "DIR"
        return {int: "N", float: "X", str: "TEXT"}[self.type]

    def help(self) -> str:
        text = str(self.metadata["help"]).replace("%", "%%")
        if self.default is None or self.default == "" or self.type is bool:
            return text
        return f"{text} (default: {self.default})"

    def convert(self, text: str) -> Any:
        """The value that a word of the command line stands for."""
        if self.type is bool:
            # v1's argparse took any non-empty value for true; "false" meaning true would help nobody.
            lowered = text.lower()
            if lowered not in ("true", "false", "1", "0", "yes", "no"):
                raise UserError(f"{self.spellings()[0]} takes true or false, not {printable(repr(text), 80)}")
            return lowered in ("true", "1", "yes")
        if self.type in (int, float):
            try:
                return self.type(text)
            except ValueError:
                raise self.refuse(text) from None
        return text

    def check(self, value: Any) -> Any:
        """The value, where this field may have it."""
        if value is None and self.optional:
            return None
        if self.type in (int, float):
            kinds = int if self.type is int else (int, float)
            if isinstance(value, bool) or not isinstance(value, kinds):
                raise self.refuse(value)
            bounds = self.bounds()
            # NaN is between no two numbers, and a whole number may be too large to become another kind.
            if not bounds.get("low", -math.inf) <= value <= bounds.get("high", math.inf):
                raise self.refuse(value)
            if not bounds.get("above", -math.inf) < value < bounds.get("below", math.inf):
                raise self.refuse(value)
            value = self.type(value)
        elif (
            not isinstance(value, self.type)
            or (self.choices and value not in self.choices)
            or (isinstance(value, str) and "\0" in value)  # which no file's name can hold
        ):
            raise self.refuse(value)
        return value

    def bounds(self) -> dict[str, float]:
        """The bounds that there are: on each side one."""
        names = ("low", "high", "above", "below")
        given = {name: self.metadata[name] for name in names if self.metadata[name] is not None}
        largest = LARGEST_INT if self.type is int else LARGEST_FLOAT
        if "above" not in given:
            given = {"low": -largest, **given}
        return given if "below" in given else {"high": largest, **given}

    def refuse(self, value: Any) -> UserError:
        bounds = self.bounds() if self.type in (int, float) else {}
        if self.choices:
            wanted = "one of " + ", ".join(self.choices)
        elif self.type is int:
            wanted = f"a whole number from {bounds['low']} to {bounds['high']}"
        elif self.type is float:
            words = {"low": "from", "above": "above", "high": "to", "below": "below"}
            parts = [f"{word} {bounds[name]:g}" for name, word in words.items() if name in bounds]
            wanted = " ".join(["a number", " and ".join(parts) if "above" in bounds else " ".join(parts)]).strip()
        else:
            wanted = {bool: "true or false", str: "text"}[self.type]
        try:
            shown = repr(value)
        except ValueError:  # Python writes no whole number of more than 4,300 digits
            shown = f"a number of {value.bit_length():,} bits"
        return UserError(f"{self.spellings()[0]} takes {wanted}, not {printable(shown, 80)}")


def _kinds(cls: type[Flags]) -> dict[str, _Kind]:
    hints = typing.get_type_hints(cls)
    kinds = {}
    for field in dataclasses.fields(cls):
        hint = hints[field.name]
        members = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
        optional = field.default is None or type(None) in members
        (hint,) = [member for member in members if member is not type(None)]
        choices: tuple[str, ...] = ()
        if typing.get_origin(hint) is typing.Literal:
            choices, hint = typing.get_args(hint), str
        kinds[field.name] = _Kind(field.name, hint, choices, optional, field.default, field.metadata)
    return kinds


def _unknown_flag(word: str, kinds: Mapping[str, _Kind], retired: Mapping[str, str]) -> str:
    name = word.split("=")[0]
    if name.lstrip("-").replace("-", "_") in retired and name.startswith("--"):
        return retired[name.lstrip("-").replace("-", "_")]
    if not name.startswith("-"):
        return f"unexpected argument {printable(repr(word), 80)}; flags are written --name value, see --help"
    spellings = [spelling for kind in kinds.values() for spelling in kind.spellings()]
    near = difflib.get_close_matches(name, spellings, n=1)
    way_out = f"did you mean {near[0]}?" if near else "see --help for those there are"
    return f"unknown flag {printable(name, 80)}; {way_out}"
