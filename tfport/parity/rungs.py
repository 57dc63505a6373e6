"""The five rungs of the parity ladder. Each takes a pair and digits and returns the comparisons it made."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from tfport.data import Digits, Split, mnist
from tfport.parity.checks import (
    TOLERANCES,
    Check,
    distribution_distance,
    paired_interval,
    relative_error,
    ulps,
)
from tfport.parity.sides import GraphSide, KerasSide, Masks, Pair, training_rows

# Not the tutorials' 0.5, at which a rate mistaken for a keep probability would go unseen; and a power of two, because
# TF1 divides what is kept by 1 − rate, Keras multiplies it by 1 / (1 − rate), and only then are the two equal.
KEEP_PROB = 0.25
SAMPLE = 200_000  # values of a variable that a distribution is judged by
EARLY, LOCKSTEPS = 10, 100


@dataclass(frozen=True)
class Options:
    """How to climb.

    Attributes:
        seed: of weights, batches and masks; rung 5 uses this one and those after it.
        exact: demand equal bits in rung 4; needs deterministic operations (``tfport parity`` switches them on) and is
            measured on CPUs: with a GPU the distances are reported only.
        batch_size: of rungs 2 to 4.
        trained_steps: budget of rung 5; None for the tutorial's own.
        trained_seeds: paired runs of rung 5.
        trained_loss: the form of the legacy program's loss in rung 5; None for the tutorial's own.
        settings: other flags of both programs, like ``{"preset": "deep"}``.
        progress: called with a sentence now and then.
    """

    seed: int = 1
    exact: bool = False
    batch_size: int = 50
    trained_steps: int | None = 300
    trained_seeds: int = 3
    trained_loss: str | None = None
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    progress: Callable[[str], None] = lambda sentence: None


def both(pair: Pair, options: Options, steps: int = LOCKSTEPS, loss: str = "stable") -> tuple[GraphSide, KerasSide]:
    """Both sides in the form in which they can be equal: stable loss, the same rate, the same batches."""
    shared = {"steps": steps, "report_every": steps, "batch_size": options.batch_size, "seed": options.seed}
    legacy = pair.legacy_config(options.settings, loss=loss, dropout=KEEP_PROB, **shared)
    twin = pair.twin_config(options.settings, dropout_rate=1 - KEEP_PROB, **shared)
    return GraphSide(pair, legacy, options.seed), KerasSide(pair, twin, options.seed)


def variables(pair: Pair, digits: Digits, options: Options) -> list[Check]:
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


def forward(pair: Pair, digits: Digits, options: Options) -> list[Check]:
    """Rung 2: with copied weights, the same logits."""
    return _at_copied_weights(pair, digits, options, _compare_logits)


def gradients(pair: Pair, digits: Digits, options: Options) -> list[Check]:
    """Rung 3: with copied weights, the same loss and gradients on one batch; the tutorial's raw form too."""
    checks = _at_copied_weights(pair, digits, options, _compare_gradients)
    if "loss" in {field.name for field in dataclasses.fields(pair.legacy.Config)}:
        checks += _raw_loss(pair, digits, options)
    return checks


def lockstep(pair: Pair, digits: Digits, options: Options) -> list[Check]:
    """Rung 4: a hundred optimizer steps from the same weights, on the same batches and dropout masks."""
    graph, port = both(pair, options)
    checks = [_optimizer_alone(graph, port)]
    graph.close()
    graph, port = both(pair, options)
    port.model.set_weights(graph.weights())
    masks = Masks(options.seed)
    expected = []
    for step, row in enumerate(training_rows(digits, port.config)):
        feed = graph.feed(digits.train.images[row], digits.train.labels[row], KEEP_PROB)
        feed |= graph.feed_masks(masks, step, len(row))
        expected.append(graph.session.run([graph.net.train_step, graph.net.loss], feed)[1])
    few = dataclasses.replace(digits, test=Split(digits.test.images[:100], digits.test.labels[:100]))
    _, actual = port.train(few, masks)
    old = np.array(expected, np.float32)
    error = np.abs(old.astype(np.float64) - actual) / np.maximum(np.abs(old), np.finfo(np.float32).tiny)
    apart = np.flatnonzero(old != actual)
    since = f"equal to the bit up to step {apart[0]}" if len(apart) else f"all {len(old)} equal to the bit"
    weights, slots = _distance(graph.weights(), port.weights()), _distance(graph.slots(), port.slots())
    graph.close()
    bits = TOLERANCES["bits"].limit if options.exact and not tf.config.list_physical_devices("GPU") else None
    return [
        *checks,
        Check(4, f"losses 1-{EARLY}", _worst(error[:EARLY]), TOLERANCES["early losses"].limit, since),
        Check(4, f"losses {EARLY + 1}-{LOCKSTEPS}", _worst(error[EARLY:]), TOLERANCES["late losses"].limit, since),
        Check(4, "losses (ulp)", ulps(old, actual), bits, "units in the last place"),
        Check(4, f"weights after {LOCKSTEPS} steps (ulp)", weights, bits, "units in the last place"),
        Check(4, f"optimizer slots after {LOCKSTEPS} steps (ulp)", slots, bits, "units in the last place"),
    ]


def trained(pair: Pair, digits: Digits, options: Options) -> list[Check]:
    """Rung 5: whole trainings in pairs that share initial weights, batches and masks; each side by its own code."""
    accuracies: list[tuple[float, float]] = []
    finite, distance = True, 0.0
    # On constant images the loss falls to zero, where the raw form's gradients are rounding alone, and Adam, which
    # looks at no gradient's size, follows them as gladly as any: only the stable form can be compared.
    loss = options.trained_loss or ("stable" if digits.source == "fake" else None)
    wanted = {"steps": options.trained_steps, "loss": loss}
    steps = 0
    for seed in range(options.seed, options.seed + options.trained_seeds):
        graph = GraphSide(pair, pair.legacy_config(options.settings, seed=seed, **wanted), seed)
        port = KerasSide(pair, pair.twin_config(options.settings, seed=seed, **wanted), seed)
        port.model.set_weights(graph.weights())
        steps, masks = port.config.steps, Masks(seed)
        old = graph.train(digits, training_rows(digits, port.config), masks)[-1]
        new, losses = port.train(digits, masks)
        finite = finite and math.isfinite(old.loss) and bool(np.isfinite(losses).all())
        pairs = list(zip(graph.weights(), port.weights(), strict=True))
        distance = max(distance, *(relative_error(first, second) for first, second in pairs))
        apart = _distance([first for first, _ in pairs], [second for _, second in pairs])
        graph.close()
        accuracies.append((100 * old.accuracy, 100 * new[-1].accuracy))
        options.progress(
            f"rung 5, seed {seed}: after {steps} steps TF1 {old.accuracy:.4f}, Keras {new[-1].accuracy:.4f}; "
            f"weights {apart:.0f} ulp apart"
        )
    first, second = np.array(accuracies).T
    checks = [Check(5, "losses finite", 0 if finite else 1, 0, f"{len(accuracies)} pairs of {steps} steps")]
    if digits.source == "fake":
        # Every label is 0: accuracy means nothing, weights do.
        return [*checks, Check(5, "weights", distance, TOLERANCES["fake weights"].limit, "relative to the largest")]
    mean, low, high = paired_interval(second - first)
    summary = f"TF1 {first.mean():.2f} %, Keras {second.mean():.2f} %"
    detail = f"{summary}, difference {mean:+.3f}, 95 % interval {low:+.3f} to {high:+.3f} points"
    checks.append(Check(5, "accuracy difference, interval's far end", max(-low, high), pair.margin, detail))
    whole = options.trained_steps is None and not options.settings
    if whole and digits.sha256 == mnist.SHA256 and pair.printed_accuracy is not None:
        printed = 100 * pair.printed_accuracy
        off = max(abs(first.mean() - printed), abs(second.mean() - printed))
        limit = TOLERANCES["printed"].limit
        checks.append(Check(5, "points from the printed figure", off, limit, f"{printed:.2f} % printed"))
    return checks


RUNGS: dict[int, Callable[[Pair, Digits, Options], list[Check]]] = {
    1: variables,
    2: forward,
    3: gradients,
    4: lockstep,
    5: trained,
}


def _at_copied_weights(
    pair: Pair, digits: Digits, options: Options, compare: Callable[[GraphSide, KerasSide, Digits, str], list[Check]]
) -> list[Check]:
    """Compare at seeded weights, none of them zero, and again after ten steps of the graph-mode program.

    At the tutorials' own initial values the output layer is zero: logits would be constant, hidden gradients zero.
    """
    graph, port = both(pair, options)
    graph.set_weights(_seeded(graph.weights(), options.seed))
    checks = []
    for moment in ("at seeded weights", f"after {EARLY} steps"):
        if moment != "at seeded weights":
            for row in training_rows(digits, port.config)[:EARLY]:
                feed = graph.feed(digits.train.images[row], digits.train.labels[row])
                graph.session.run(graph.net.train_step, feed)
        port.model.set_weights(graph.weights())
        checks += compare(graph, port, digits, moment)
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


def _raw_loss(pair: Pair, digits: Digits, options: Options) -> list[Check]:
    """The tutorial's own loss, at weights so small that no probability underflows, where it is the same function."""
    graph, port = both(pair, options, loss="raw")
    weights = _seeded(graph.weights(), options.seed)
    images, labels = digits.train.images[: options.batch_size], digits.train.labels[: options.batch_size]
    feed = graph.feed(images, labels)
    for _ in range(50):
        graph.set_weights(weights)
        if float(np.max(np.abs(graph.session.run(graph.net.logits, feed)))) < 5:
            break
        weights = [np.float32(0.7) * value for value in weights]
    port.model.set_weights(weights)
    old_loss, old = graph.session.run([graph.net.loss, graph.gradients], feed)
    graph.close()
    new_loss, new = port.loss_and_gradients(images, labels)
    errors = [relative_error(first, second) for first, second in zip(old, new, strict=True)]
    error = max(relative_error(np.array(old_loss), np.array(new_loss)), *errors)
    detail = f"loss and gradients at small weights; TF1 {old_loss:.6g}, Keras {new_loss:.6g}"
    return [Check(3, "raw loss", error, TOLERANCES["raw loss"].limit, detail)]


def _compare_logits(graph: GraphSide, port: KerasSide, digits: Digits, moment: str) -> list[Check]:
    images, labels = digits.test.images[:200], digits.test.labels[:200]
    old = graph.session.run(graph.net.logits, graph.feed(images, labels))
    new = port.model(tf.constant(images), training=False).numpy()
    return [Check(2, f"logits {moment}", relative_error(old, new), TOLERANCES["logits"].limit, f"{old.shape}")]


def _compare_gradients(graph: GraphSide, port: KerasSide, digits: Digits, moment: str) -> list[Check]:
    batch = port.config.batch_size
    images, labels = digits.train.images[:batch], digits.train.labels[:batch]
    feed = graph.feed(images, labels)
    old_loss, old = graph.session.run([graph.net.loss, graph.gradients], feed)
    new_loss, new = port.loss_and_gradients(images, labels)
    loss = relative_error(np.array(old_loss), np.array(new_loss))
    checks = [Check(3, f"loss {moment}", loss, TOLERANCES["loss"].limit, f"TF1 {old_loss:.6g}, Keras {new_loss:.6g}")]
    errors = [relative_error(first, second) for first, second in zip(old, new, strict=True)]
    silent = [name for name, value in zip(port.names, old, strict=True) if not np.any(value)]
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


def _worst(errors: np.ndarray) -> float:
    return float(np.max(errors)) if np.isfinite(errors).all() else math.inf
