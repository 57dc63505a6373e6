"""The list of tutorials: one row a pair. The command line, parity, tests and pages all walk it.

A pair of your own gets all of them too: call :func:`register`, or name a :class:`Tutorial` under the entry-point group
``tfport.tutorials`` of your package. What its two modules must offer:

* legacy: ``Config`` (a :class:`tfport.flags.Flags`; its fields ``loss``, ``dropout``, ``steps`` and the like are set
  where they exist); ``build(config)``, which fills the default graph and returns an object with ``x``, ``t``,
  ``logits``, ``loss``, ``train_step``, and ``keep_prob`` where there is dropout; ``train(sess, net, datasets,
  config)``, which yields objects with ``step``, ``loss`` and ``accuracy``.
* twin: ``Config`` and ``build(config)``, which returns a compiled Keras model that maps images to logits.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tfport.errors import UserError

ENTRY_POINTS = "tfport.tutorials"


@dataclass(frozen=True)
class Tutorial:
    """A pair of programs.

    Attributes:
        name: short, also the name of both modules.
        title: one line for people.
        legacy: import path of the graph-mode program.
        twin: import path of the Keras program.
        builder: ``module:function`` of the model's builder.
        sources: the data sources that apply.
        printed_accuracy: test accuracy that the tutorial's author printed at the end, 0 to 1; None where none was.
        margin: points of test accuracy within which trained twins must agree.
    """

    name: str
    title: str
    legacy: str
    twin: str
    builder: str
    sources: tuple[str, ...] = ("mnist", "synthetic", "fake")
    printed_accuracy: float | None = None
    margin: float = 0.5

    def legacy_module(self) -> types.ModuleType:
        """The graph-mode program, imported."""
        return importlib.import_module(self.legacy)

    def twin_module(self) -> types.ModuleType:
        """The Keras program, imported."""
        return importlib.import_module(self.twin)

    def build_model(self, **options: Any) -> Any:
        """Call the builder: an uncompiled Keras model that returns logits."""
        module, function = self.builder.split(":")
        builder: Callable[..., Any] = getattr(importlib.import_module(module), function)
        return builder(**options)


_TUTORIALS: dict[str, Tutorial] = {}


def register(tutorial: Tutorial) -> None:
    """Add a pair.

    Raises:
        UserError: the name is taken by another pair.
    """
    if _TUTORIALS.setdefault(tutorial.name, tutorial) != tutorial:
        raise UserError(f"a tutorial named {tutorial.name!r} is registered already; choose another name")


def tutorials() -> dict[str, Tutorial]:
    """Every pair by name: ours first, then those of installed packages and of :func:`register`."""
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            loaded = entry.load()
        except Exception as error:  # somebody else's package: whatever is wrong with it, ours go on
            warnings.warn(f"entry point {entry.name} of group {ENTRY_POINTS} cannot be loaded: {error}", stacklevel=2)
            continue
        if not isinstance(loaded, Tutorial):
            raise UserError(f"entry point {entry.name} of group {ENTRY_POINTS} is no tfport.registry.Tutorial")
        register(loaded)
    return dict(_TUTORIALS)


def find(name: str) -> Tutorial:
    """The pair of that name.

    Raises:
        UserError: there is none; the message names the nearest.
    """
    known = tutorials()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        way_out = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
        raise UserError(f"no tutorial named {name!r}; {way_out}")
    return known[name]


register(
    Tutorial(
        name="cnn",
        title="two convolutions, a dense layer with dropout",
        legacy="legacy_tf1.cnn",
        twin="tfport.cnn",
        builder="tfport.models:cnn",
        printed_accuracy=0.9852,
        margin=0.3,
    )
)
