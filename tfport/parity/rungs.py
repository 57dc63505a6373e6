"""The five rungs of the parity ladder. Each takes a pair and its data and returns the comparisons it made."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from tfport.data import Digits, Problem, Split, mnist
from tfport.parity.checks import (
    TOLERANCES,
    Check,
    distribution_distance,
    paired_interval,
    relative_error,
    ulps,
)
from tfport.parity.pairs import PairedRun, minima_titles, minimum, train_pair
from tfport.parity.sides import GraphSide, KerasSide, Pair, training_rows
from tfport.versions import keras_generation

# Not the tutorials' 0.5, at which a rate mistaken for a keep probability would go unseen; and a power of two, because
# TF1 divides what is kept by 1 − rate, Keras multiplies it by 1 / (1 − rate), and only then are the two equal.
KEEP_PROB = 0.25
SAMPLE = 200_000  # values of a variable that a distribution is judged by
EARLY, LOCKSTEPS = 10, 100
ALIKE = 1e-3  # losses of one step this far apart are no longer the same: rounding has taken over


@dataclass(frozen=True)
class Options:
    """How to climb.

    Attributes:
        seed: of weights, batches and masks; rung 5 uses this one and those after it.
        exact: demand equal bits in rung 4; needs deterministic operations (``tfport parity`` switches them on) and is
            measured on CPUs: with a GPU the distances are reported only, and with Keras 3 those of small problems.
        batch_size: of rungs 2 to 4.
        trained_steps: budget of rung 5, and of rung 4 for a small problem; None for the tutorial's own. Pairs that end
            in one of several minima take their tutorial's in rung 5: earlier, none has been reached.
        trained_seeds: paired runs of rung 5; one where nothing is random.
        trained_loss: the form of the legacy program's loss in rung 5; None for the tutorial's own.
        precision: in which the Keras side computes in rung 5; TF1 computes in float32.
        settings: other flags of both programs, like ``{"preset": "deep"}``.
        progress: called with a sentence now and then.
    """

    seed: int = 1
    exact: bool = False
    batch_size: int = 50
    trained_steps: int | None = 300
    trained_seeds: int = 3
    trained_loss: str | None = None
    precision: str = "float32"
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    progress: Callable[[str], None] = lambda sentence: None


def both(pair: Pair, options: Options, steps: int = LOCKSTEPS, loss: str = "stable") -> tuple[GraphSide, KerasSide]:
    """Both sides in the form in which they can be equal: stable loss, the same rate, the same batches."""
    shared = {"steps": steps, "report_every": steps, "batch_size": options.batch_size, "seed": options.seed}
    legacy = pair.legacy_config(options.settings, loss=loss, dropout=KEEP_PROB, **shared)
    twin = pair.twin_config(options.settings, dropout_rate=1 - KEEP_PROB, **shared)
    return GraphSide(pair, legacy, options.seed), KerasSide(pair, twin, options.seed)


def variables(pair: Pair, data: Digits | Problem, options: Options) -> list[Check]:
    """Rung 1: same count, shapes and trainability, and initial values drawn from the same distributions."""
    graph, port = both(pair, options)
    expected = [tuple(variable.shape.as_list()) for variable in graph.variables]
    actual = [tuple(weight.shape) for weight in port.model.trainable_weights]
    frozen = len(port.model.get_weights()) - len(actual)
    weights = sum(math.prod(shape) for shape in expected)
    same = expected == actual and frozen == 0
    detail = f"{len(expected)} variables, {weights:,} weights" if same else f"TF1 {expected}, Keras {actual}"
    checks = [Check(1, "count, shapes, trainability", 0 if same else 1, TOLERANCES["structure"].limit, detail)]
    if not same:
        graph.close()
        return checks
    # Small variables hold few values: several draws make the comparison sharp.
    draws: list[tuple[list[np.ndarray], list[np.ndarray]]] = []
    for draw in range(4):
        graph.initialize()
        draws.append((graph.weights(), KerasSide(pair, port.config, options.seed + 1 + draw).weights()))
    graph.close()
    worst, name = 0.0, "all constants"
    for index in range(len(expected)):
        old = np.concatenate([np.ravel(first[index])[:SAMPLE] for first, _ in draws])
        new = np.concatenate([np.ravel(second[index])[:SAMPLE] for _, second in draws])
        distance = distribution_distance(old, new)
        if distance > worst:
            worst, name = distance, f"worst: {port.names[index]} {expected[index]}"
    return [*checks, Check(1, "initial distributions", worst, TOLERANCES["initial values"].limit, name)]


def forward(pair: Pair, data: Digits | Problem, options: Options) -> list[Check]:
    """Rung 2: with copied weights, the same logits."""
    return _at_copied_weights(pair, data, options, _compare_logits)


def gradients(pair: Pair, data: Digits | Problem, options: Options) -> list[Check]:
    """Rung 3: with copied weights, the same loss and gradients on one batch; the tutorial's raw form too."""
    checks = _at_copied_weights(pair, data, options, _compare_gradients)
    if _has_raw_loss(pair):
        checks += _raw_loss(pair, data, options)
    return checks


def lockstep(pair: Pair, data: Digits | Problem, options: Options) -> list[Check]:
    """Rung 4: a hundred optimizer steps; both sides start alike and see the same batches and dropout masks.

    A small problem goes on for the budget of rung 5; and once more, with the tutorial's raw loss in the TF1 program,
    to find the step at which rounding takes over.
    """
    steps = LOCKSTEPS
    if isinstance(data, Problem):
        steps = max(steps, options.trained_steps or pair.twin_config(options.settings).steps)
    graph, port = both(pair, options)
    checks = [_optimizer_alone(graph, port)]
    graph.close()
    graph, port = both(pair, options, steps)
    old, new = _side_by_side(graph, port, data, options)
    apart = np.flatnonzero(old != new)
    since = f"equal to the bit up to step {apart[0]}" if len(apart) else f"all {len(old)} equal to the bit"
    weights = _distance(graph.weights(), port.weights())
    # Gradient descent has none on either side.
    slots = _distance(graph.slots(), port.slots()) if graph.slots() or port.slots() else None
    graph.close()
    # Keras 3 adds the bias of a single unit by tf.add, whose gradient sums in another order than bias_add's; logistic,
    # holdout and two_hidden end in such a unit. hidden parts as well, by a unit in the last place now and then.
    other_kernels = isinstance(data, Problem) and keras_generation() == 3
    exact = options.exact and not other_kernels and not tf.config.list_physical_devices("GPU")
    bits = TOLERANCES["bits"].limit if exact else None
    error = _relative(old, new)
    # A small problem goes on for so long that other kernels' rounding takes over: the report says when.
    late = None if other_kernels else TOLERANCES["late losses"].limit
    checks += [
        Check(4, f"losses 1-{EARLY}", _worst(error[:EARLY]), TOLERANCES["early losses"].limit, since),
        Check(4, f"losses {EARLY + 1}-{steps}", _worst(error[EARLY:]), late, f"{since}; {_till(error, steps)}"),
        Check(4, "losses (ulp)", ulps(old, new), bits, "units in the last place"),
        Check(4, f"weights after {steps} steps (ulp)", weights, bits, "units in the last place"),
    ]
    if slots is not None:
        checks.append(Check(4, f"optimizer slots after {steps} steps (ulp)", slots, bits, "units in the last place"))
    if isinstance(data, Problem) and _has_raw_loss(pair):
        graph, port = both(pair, options, steps, loss="raw")
        error = _relative(*_side_by_side(graph, port, data, options))
        graph.close()
        apart = np.flatnonzero(~(error <= ALIKE))
        alike = int(apart[0]) if len(apart) else steps
        limit = TOLERANCES["raw loss"].limit
        checks += [
            Check(4, f"losses 1-{EARLY} of the raw form", _worst(error[:EARLY]), limit),
            Check(4, "steps before rounding takes over the raw form", alike, None, _till(error, steps)),
        ]
    return checks


def _side_by_side(
    graph: GraphSide, port: KerasSide, data: Digits | Problem, options: Options
) -> tuple[np.ndarray, np.ndarray]:
    """Losses of every step of both, from the graph's weights, on the same batches and masks."""
    port.model.set_weights(graph.weights())
    expected = []
    for step, row in enumerate(training_rows(data.train, port.config)):
        feed = graph.feed(data.train.inputs[row], data.train.targets[row], KEEP_PROB)
        feed |= graph.feed_masks(port.seed, step, len(row))
        expected.append(graph.session.run([graph.net.train_step, graph.net.loss], feed)[1])
    if isinstance(data, Digits):  # the evaluation at the end is not looked at
        data = dataclasses.replace(data, test=Split(data.test.images[:100], data.test.labels[:100]))
    return np.array(expected, np.float32), port.train_recording(data)


def trained(pair: Pair, data: Digits | Problem, options: Options) -> list[Check]:
    """Rung 5: whole trainings, each side by its own code; a pair starts alike and sees the same batches and masks."""
    return judge(pair, data, list(paired_runs(pair, data, options)), options)


def judge(pair: Pair, data: Digits | Problem, runs: Sequence[PairedRun], options: Options) -> list[Check]:
    """What the trainings of rung 5 say, at least one of them."""
    # The port is never to be infinite; TF1's raw loss on a small problem may be, which is what the port mends.
    ported = [run.losses[1] for run in runs]
    demanded = ported if isinstance(data, Problem) else [loss for run in runs for loss in run.losses]
    finite = sum(not math.isfinite(loss) for loss in demanded)
    checks = [Check(5, "losses not finite", finite, 0, f"{len(runs)} pairs of {runs[0].steps} steps")]
    if isinstance(data, Problem):
        return checks + (_minima(pair, runs, options) if pair.edges else _same_reports(pair, runs[0], data, options))
    if data.source == "fake":
        # Every label is 0: accuracy means nothing, weights do.
        distance = max(run.relative for run in runs)
        return [*checks, Check(5, "weights", distance, TOLERANCES["fake weights"].limit, "relative to the largest")]
    return checks + _same_accuracies(pair, runs, data, options)


def paired_runs(pair: Pair, data: Digits | Problem, options: Options) -> Iterator[PairedRun]:
    """The pairs of trainings of rung 5, seed by seed."""
    # On constant images the loss falls to zero, where the raw form's gradients are rounding alone, and Adam, which
    # looks at no gradient's size, follows them as gladly as any: only the stable form can be compared.
    loss = options.trained_loss or ("stable" if data.source == "fake" else None)
    random = isinstance(data, Digits) or hasattr(pair.twin_config(options.settings), "seed")
    for seed in range(options.seed, options.seed + (options.trained_seeds if random else 1)):
        steps = None if pair.edges else options.trained_steps
        run = train_pair(pair, data, seed, options.settings, steps=steps, loss=loss, precision=options.precision)
        what = "loss {:.6g}, Keras {:.6g}" if isinstance(data, Problem) else "{:.2f} %, Keras {:.2f} %"
        figures = what.format(*(run.losses if isinstance(data, Problem) else run.accuracies))
        options.progress(
            f"rung 5, seed {seed}: after {run.steps} steps TF1 {figures}; weights {run.ulps:.0f} ulp apart"
        )
        yield run


def _same_accuracies(pair: Pair, runs: Sequence[PairedRun], data: Digits, options: Options) -> list[Check]:
    """The difference of pairs lies within the margin, with its interval; the means lie near the printed figure."""
    first, second = np.array([run.accuracies for run in runs]).T
    mean, low, high = paired_interval(second - first)
    summary = f"TF1 {first.mean():.2f} %, Keras {second.mean():.2f} %"
    detail = f"{summary}, difference {mean:+.3f}, 95 % interval {low:+.3f} to {high:+.3f} points"
    checks = [Check(5, "accuracy difference, interval's far end", max(-low, high), pair.margin, detail)]
    whole = options.trained_steps is None and not options.settings
    if whole and data.sha256 == mnist.SHA256 and pair.printed_accuracy is not None:
        printed = 100 * pair.printed_accuracy
        off = max(abs(first.mean() - printed), abs(second.mean() - printed))
        limit = pair.printed_within
        checks.append(Check(5, "points from the printed figure", off, limit, f"{printed:.2f} % printed"))
    if whole and data.sha256 == mnist.SHA256 and pair.band is not None:
        low, high = (100 * bound for bound in pair.band)
        means = float(first.mean()), float(second.mean())
        outside = max(max(low - mean, mean - high, 0) for mean in means)
        checks.append(Check(5, "points outside the band", outside, 0, f"{low:g} to {high:g} %"))
    return checks


def _same_reports(pair: Pair, run: PairedRun, data: Problem, options: Options) -> list[Check]:
    """Nothing is random: the reports agree, with each other and with what the tutorial printed."""
    new = {step: (loss, accuracy) for step, loss, accuracy in run.new}
    common = [(step, (loss, accuracy), new[step]) for step, loss, accuracy in run.old if step in new]
    if data.test is not data.train:
        # The TF1 program reports the loss of the training part, fit that of the part held out.
        off = max(100 * abs((old or 0) - (ported or 0)) for _, (_, old), (_, ported) in common)
        detail = f"points, {len(common)} reports; last TF1 {run.accuracies[0]:.2f} %, Keras {run.accuracies[1]:.2f} %"
        return [Check(5, "accuracies of the reports", off, pair.margin, detail)]
    losses = np.array([(old, ported) for _, (old, _), (ported, _) in common])
    error = _worst(_relative(losses[:, 0], losses[:, 1]))
    detail = f"{len(common)} reports; last TF1 {run.losses[0]:.6f}, Keras {run.losses[1]:.6f}"
    checks = [Check(5, "losses of the reports", error, pair.losses_within, detail)]
    compared = {step: (old, ported) for step, (old, _), (ported, _) in common}
    printed = [(step, loss) for step, loss in pair.printed_losses if step in compared]
    if printed and not options.settings:
        off = _worst(np.array([abs(side / loss - 1) for step, loss in printed for side in compared[step]]))
        said = ", ".join(f"{loss:.6f} at {step}" for step, loss in printed)
        checks.append(Check(5, "losses off the printed ones", off, pair.losses_within, said))
    return checks


def _minima(pair: Pair, runs: Sequence[PairedRun], options: Options) -> list[Check]:
    """How many pairs part into different minima; and where both sides end, how often as NaN.

    For information alone where no minimum has been reached (a budget less than the tutorial's), and where TF1's raw
    loss was NaN in every pair.
    """
    ends = np.array([[minimum(loss, pair.edges) for loss in run.losses] for run in runs])
    shares = []
    for which, title in enumerate(minima_titles(pair.edges)):
        shares.append(f"{title}: TF1 {np.mean(ends[:, 0] == which):.0%}, Keras {np.mean(ends[:, 1] == which):.0%}")
    shares.append(f"NaN: TF1 {np.mean(ends[:, 0] < 0):.0%}, Keras {np.mean(ends[:, 1] < 0):.0%}")
    both = ends[(ends >= 0).all(axis=1)]
    parted = float(np.mean(both[:, 0] != both[:, 1])) if len(both) else math.nan
    detail = f"{len(both)} pairs finite on both sides; {'; '.join(shares)}"
    judged = len(both) and runs[0].steps >= pair.twin_config(options.settings).steps
    # Three standard deviations more, or a handful of runs would fail by chance.
    share = TOLERANCES["minima"].limit
    limit = share + 3 * math.sqrt(share * (1 - share) / len(both)) if judged else None
    return [Check(5, "share of pairs in different minima", parted, limit, detail)]


RUNGS: dict[int, Callable[[Pair, Any, Options], list[Check]]] = {
    1: variables,
    2: forward,
    3: gradients,
    4: lockstep,
    5: trained,
}


def _at_copied_weights(
    pair: Pair,
    data: Digits | Problem,
    options: Options,
    compare: Callable[[GraphSide, KerasSide, Any, str], list[Check]],
) -> list[Check]:
    """Compare at seeded weights, none of them zero, and again after ten steps of the graph-mode program.

    At the tutorials' own initial values the output layer is zero: logits would be constant, hidden gradients zero.
    """
    graph, port = both(pair, options)
    graph.set_weights(_seeded(graph.weights(), options.seed))
    checks = []
    for moment in ("at seeded weights", f"after {EARLY} steps"):
        if moment != "at seeded weights":
            for row in training_rows(data.train, port.config)[:EARLY]:
                feed = graph.feed(data.train.inputs[row], data.train.targets[row])
                graph.session.run(graph.net.train_step, feed)
        port.model.set_weights(graph.weights())
        checks += compare(graph, port, data, moment)
    graph.close()
    return checks


def _seeded(values: list[np.ndarray], seed: int) -> list[np.ndarray]:
    """Random weights of the spread that each variable has, none of them zero."""
    generator = np.random.RandomState(seed)
    seeded = []
    for value in values:
        spread = float(np.std(value)) or 0.1
        seeded.append((np.mean(value) + spread * generator.standard_normal(value.shape)).astype(np.float32))
    return seeded


def _has_raw_loss(pair: Pair) -> bool:
    return "loss" in {field.name for field in dataclasses.fields(pair.legacy.Config)}


def _raw_loss(pair: Pair, data: Digits | Problem, options: Options) -> list[Check]:
    """The tutorial's own loss, at weights so small that no probability underflows, where it is the same function."""
    graph, port = both(pair, options, loss="raw")
    weights = _seeded(graph.weights(), options.seed)
    batch = getattr(port.config, "batch_size", len(data.train))
    inputs, targets = data.train.inputs[:batch], data.train.targets[:batch]
    feed = graph.feed(inputs, targets)
    for _ in range(50):
        graph.set_weights(weights)
        if float(np.max(np.abs(graph.session.run(graph.net.logits, feed)))) < 5:
            break
        weights = [np.float32(0.7) * value for value in weights]
    port.model.set_weights(weights)
    old_loss, old = graph.session.run([graph.net.loss, graph.gradients], feed)
    graph.close()
    new_loss, new = port.loss_and_gradients(inputs, targets)
    errors = [relative_error(first, second) for first, second in zip(old, new, strict=True)]
    error = max(relative_error(np.array(old_loss), np.array(new_loss)), *errors)
    detail = f"loss and gradients at small weights; TF1 {old_loss:.6g}, Keras {new_loss:.6g}"
    return [Check(3, "raw loss", error, TOLERANCES["raw loss"].limit, detail)]


def _compare_logits(graph: GraphSide, port: KerasSide, data: Digits | Problem, moment: str) -> list[Check]:
    inputs, targets = data.test.inputs[:200], data.test.targets[:200]
    old = graph.session.run(graph.net.logits, graph.feed(inputs, targets))
    new = port.model(tf.constant(inputs), training=False).numpy()
    return [Check(2, f"logits {moment}", relative_error(old, new), TOLERANCES["logits"].limit, f"{old.shape}")]


def _compare_gradients(graph: GraphSide, port: KerasSide, data: Digits | Problem, moment: str) -> list[Check]:
    batch = getattr(port.config, "batch_size", len(data.train))
    inputs, targets = data.train.inputs[:batch], data.train.targets[:batch]
    feed = graph.feed(inputs, targets)
    old_loss, old = graph.session.run([graph.net.loss, graph.gradients], feed)
    new_loss, new = port.loss_and_gradients(inputs, targets)
    loss = relative_error(np.array(old_loss), np.array(new_loss))
    checks = [Check(3, f"loss {moment}", loss, TOLERANCES["loss"].limit, f"TF1 {old_loss:.6g}, Keras {new_loss:.6g}")]
    errors = [relative_error(first, second) for first, second in zip(old, new, strict=True)]
    silent = [name for name, value in zip(port.names, old, strict=True) if not np.any(value)]
    if silent and old_loss == 0 and data.source == "fake":
        return [*checks, Check(3, f"gradients {moment}", 0, None, "constant images: nothing is left to learn")]
    if silent:
        # A comparison of zeros with zeros would prove nothing.
        checks.append(Check(3, f"gradients {moment}", math.inf, 0, f"all zero: {', '.join(silent)}"))
        return checks
    detail = f"{len(errors)} variables" + (f", worst: {port.names[int(np.argmax(errors))]}" if max(errors) else "")
    return [*checks, Check(3, f"gradients {moment}", max(errors), TOLERANCES["gradients"].limit, detail)]


def _optimizer_alone(graph: GraphSide, port: KerasSide) -> Check:
    """Three updates from zero by the same gradients, of sizes 1e-12 to 100, where ε shows."""
    zeros = [np.zeros_like(value) for value in graph.weights()]
    graph.set_weights(zeros)
    port.model.set_weights(zeros)
    generator = np.random.RandomState(7)
    for _ in range(3):
        given = [
            (generator.choice([-1, 1], zero.shape) * 10 ** generator.uniform(-12, 2, zero.shape)).astype(np.float32)
            for zero in zeros
        ]
        graph.session.run(graph.net.train_step, dict(zip(graph.gradients, given, strict=True)))
        tensors = [tf.constant(gradient) for gradient in given]
        port.model.optimizer.apply_gradients(list(zip(tensors, port.model.trainable_variables, strict=True)))
    old, new = graph.weights(), port.weights()
    scale = max(float(np.max(np.abs(value))) for value in old)
    difference = max(float(np.max(np.abs(a.astype(np.float64) - b))) for a, b in zip(old, new, strict=True))
    detail = f"three updates, gradients of 1e-12 to 100; {_distance(old, new):.0f} ulp apart"
    return Check(4, "optimizer alone", difference / scale, TOLERANCES["optimizer"].limit, detail)


def _distance(old: list[np.ndarray], new: list[np.ndarray]) -> float:
    if len(old) != len(new):
        return math.inf
    return max((ulps(first, second) for first, second in zip(old, new, strict=True)), default=0.0)


def _till(error: np.ndarray, steps: int) -> str:
    """When the losses of two sides part."""
    apart = np.flatnonzero(~(error <= ALIKE))
    return f"apart by more than {ALIKE:g} from step {apart[0] + 1} on" if len(apart) else f"alike for all {steps}"


def _worst(errors: np.ndarray) -> float:
    return float(np.max(errors)) if np.isfinite(errors).all() else math.inf


def _relative(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    return np.abs(old.astype(np.float64) - new) / np.maximum(np.abs(old), np.finfo(np.float32).tiny)
