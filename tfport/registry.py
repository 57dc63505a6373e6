"""The list of tutorials: one row a pair. The command line, parity, tests and pages all walk it.

A pair of your own gets all of them too: call :func:`register`, or name a :class:`Tutorial` under the entry-point group
``tfport.tutorials`` of your package. What its two modules must offer:

* legacy: ``Config`` (a :class:`tfport.flags.Flags`; its fields ``loss``, ``dropout``, ``steps`` and the like are set
  where they exist; where its budget counts something else than updates, ``for_updates(n)`` returns a copy with n of
  them and ``updates_before(step)`` counts back); ``build(config)``, which fills the default graph and returns an object
  with ``x``, ``t``, ``logits``, ``loss``, ``train_step``, and ``keep_prob`` where there is dropout; ``train(sess, net,
  datasets, config)``, which yields objects with ``step``, ``loss`` and ``accuracy``; where the last of them is not yet
  of the last step, or has no accuracy, ``evaluate(sess, net, datasets, config, step)``, which returns another.
* twin: ``Config`` and ``build(config)``, which returns a compiled Keras model that maps images to logits. A pair with
  ``sources=OWN_DATA`` learns from no digits: its twin has ``load(config)``, which returns a
  :class:`tfport.data.Problem`, and the ``datasets`` of its legacy program are that.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import re
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tfport.errors import UserError

ENTRY_POINTS = "tfport.tutorials"
OWN_DATA = ("tutorial",)  # sources of a pair that learns from a small set of its own


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
        printed_within: points of test accuracy that a mean over seeds may be off the printed figure: the author's was
            one run, from other initial weights and batches.
        band: test accuracies on real MNIST between which the mean over seeds lies, on both sides, after the whole
            budget.
        printed_losses: (step, loss) that the author printed, where nothing is random: they are to be met.
        losses_within: relative difference of losses that is allowed there: what rounding alone can do.
        edges: losses that part the minima in which runs from random starts end.
        printed_ends: (variant, final loss) that the author printed of one run from a random start; the variant is ""
            where there is one alone. Of many runs some are to come near.
    """

    name: str
    title: str
    legacy: str
    twin: str
    builder: str
    sources: tuple[str, ...] = ("mnist", "synthetic", "fake")
    printed_accuracy: float | None = None
    margin: float = 0.5
    printed_within: float = 0.5
    band: tuple[float, float] | None = None
    printed_losses: tuple[tuple[int, float], ...] = ()
    losses_within: float = 1e-3
    edges: tuple[float, ...] = ()
    printed_ends: tuple[tuple[str, float], ...] = ()

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
        UserError: the name is taken by another pair, or could not be that of a file.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", tutorial.name):
        raise UserError(f"a tutorial's name is of letters, digits, _ and -: {tutorial.name!r} is not")
    if _TUTORIALS.setdefault(tutorial.name, tutorial) != tutorial:
        raise UserError(f"a tutorial named {tutorial.name!r} is registered already; choose another name")


def tutorials() -> dict[str, Tutorial]:
    """Every pair by name: ours first, then those of installed packages and of :func:`register`."""
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            loaded = entry.load()
            if not isinstance(loaded, Tutorial):
                raise UserError("it is no tfport.registry.Tutorial")
            register(loaded)
        except Exception as error:  # somebody else's package: whatever is wrong with it, ours go on
            warnings.warn(f"entry point {entry.name} of group {ENTRY_POINTS} is left out: {error}", stacklevel=2)
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


def _pair(name: str, title: str, **facts: Any) -> None:
    """Register a pair of ours, whose modules and builder all bear its name."""
    register(Tutorial(name, title, f"legacy_tf1.{name}", f"tfport.{name}", f"tfport.models:{name}", **facts))


# What the authors printed (TensorFlow 1.x). Of temperature's five figures those at 40,000 and 100,000 steps are left
# out: Adam jitters in a narrow valley, and the author's run was 3 and 5 % off TF1's of today there.
_pair(
    "temperature",
    "a polynomial through twelve temperatures",
    sources=OWN_DATA,
    printed_losses=((20_000, 29.290693), (60_000, 24.766474), (80_000, 22.974419)),
    losses_within=3e-3,  # float32 sums in another order: seen are 1.7e-3
)
_pair(
    "logistic",
    "logistic regression on 35 points",
    sources=OWN_DATA,
    printed_losses=((4000, 13.849513), (8000, 9.701274), (12_000, 7.537327), (16_000, 6.264729), (20_000, 5.439410)),
)
_pair("holdout", "logistic regression on 1,400 points, a fifth held out", sources=OWN_DATA)
_pair(
    "hidden",
    "one hidden layer on 65 points",
    sources=OWN_DATA,
    edges=(14.0, 16.5, 23.0),
    printed_ends=(("tanh2", 19.1526), ("tanh4", 13.5146), ("relu2", 17.5105)),
)
_pair(
    "two_hidden",
    "two hidden layers on points in an XOR layout",
    sources=OWN_DATA,
    edges=(23.0, 40.0, 52.0, 70.0),
    printed_ends=(("", 24.682444),),
)
_pair("softmax", "softmax regression", printed_accuracy=0.92, band=(0.91, 0.925))
# The start decides: of a few seeds of the TF1 program one ended at 0.843, one at 0.912.
_pair(
    "dnn",
    "two hidden layers with softmax as activation",
    printed_accuracy=0.8405,
    printed_within=7,
    band=(0.80, 0.92),
)
_pair("summaries", "a hidden layer with dropout, for TensorBoard", band=(0.962, 1))
_pair("small_cnn", "convolutions of 4 and 8 filters", margin=0.3, band=(0.975, 1))
_pair("single_cnn", "one convolution, a dense layer", printed_accuracy=0.9813, margin=0.3, band=(0.98, 1))
_pair("cnn", "two convolutions, a dense layer with dropout", printed_accuracy=0.9852, margin=0.3, band=(0.983, 1))
