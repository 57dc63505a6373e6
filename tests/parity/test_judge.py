"""Verdicts on whole trainings, of runs made up for the purpose: each can be lost."""

import dataclasses
import math

import pytest

from tfport import parity, registry
from tfport.data import mnist
from tfport.parity.pairs import PairedRun
from tfport.parity.rungs import judge

WHOLE = parity.Options(trained_steps=None)


def made_up(steps, old, new, *, seed=1, at=None):
    """A pair of runs whose reports are (loss, accuracy) at the steps ``at``; by default one, after the last."""
    at = at or [steps]
    curves = [[(step, *figures) for step, figures in zip(at, side, strict=True)] for side in (old, new)]
    return PairedRun(seed, steps, *curves, old_seconds=1, new_seconds=1, relative=0, ulps=0)


def failed(name, runs, data=None, options=WHOLE):
    pair = parity.Pair.of(registry.find(name))
    return [check.name for check in judge(pair, data or pair.problem({}), runs, options) if not check.passed]


@pytest.fixture
def real(small_digits):
    """A few digits that pass for the whole MNIST."""
    return dataclasses.replace(small_digits, source="mnist", sha256=mnist.SHA256)


def digits_runs(old, new, steps=4000):
    return [
        made_up(steps, [(1.0, first)], [(1.0, second)], seed=seed)
        for seed, (first, second) in enumerate(zip(old, new, strict=True))
    ]


def test_accuracies_inside_margin_printed_figure_and_band_pass(real):
    assert failed("cnn", digits_runs([0.985, 0.984, 0.986], [0.985, 0.985, 0.986]), real) == []


def test_a_difference_beyond_the_margin_fails(real):
    wrong = failed("cnn", digits_runs([0.987, 0.987, 0.987], [0.984, 0.983, 0.984]), real)
    assert wrong == ["accuracy difference, interval's far end"]


def test_a_spread_that_leaves_the_difference_open_fails(real):
    wrong = failed("cnn", digits_runs([0.984, 0.987, 0.985], [0.987, 0.984, 0.985]), real)
    assert wrong == ["accuracy difference, interval's far end"]


def test_both_sides_far_from_the_printed_figure_fail(real):
    wrong = failed("cnn", digits_runs([0.991] * 3, [0.991] * 3), real)
    assert wrong == ["points from the printed figure"]


def test_both_sides_outside_the_band_fail(real):
    assert failed("cnn", digits_runs([0.982] * 3, [0.982] * 3), real) == ["points outside the band"]
    assert failed("small_cnn", digits_runs([0.97] * 3, [0.97] * 3), real) == ["points outside the band"]


def test_a_short_budget_or_other_digits_are_not_held_against_printed_figures(real, small_digits):
    runs = digits_runs([0.5] * 3, [0.5] * 3)
    assert failed("cnn", runs, small_digits) == []
    assert failed("cnn", runs, real, parity.Options(trained_steps=10)) == []


def test_a_loss_that_is_not_finite_fails(real):
    runs = digits_runs([0.985] * 3, [0.985] * 3)
    nan = made_up(4000, [(1.0, 0.985)], [(math.nan, 0.985)])
    assert failed("cnn", [*runs, nan], real) == ["losses not finite"]


def test_reports_that_part_or_miss_what_was_printed_fail():
    steps = [4000, 8000, 12_000, 16_000, 20_000]
    printed = [(loss, 0.9) for _, loss in registry.find("logistic").printed_losses]
    off = [(1.01 * loss, accuracy) for loss, accuracy in printed]
    assert failed("logistic", [made_up(20_000, printed, printed, at=steps)]) == []
    assert failed("logistic", [made_up(20_000, off, off, at=steps)]) == ["losses off the printed ones"]
    wrong = failed("logistic", [made_up(20_000, printed, off, at=steps)])
    assert wrong == ["losses of the reports", "losses off the printed ones"]


@pytest.mark.parametrize("where", range(5))
def test_nan_in_any_report_of_tf1_fails(where):
    steps = [4000, 8000, 12_000, 16_000, 20_000]
    printed = [(loss, 0.9) for _, loss in registry.find("logistic").printed_losses]
    broken = list(printed)
    broken[where] = (math.nan, 0.9)
    assert "losses of the reports" in failed("logistic", [made_up(20_000, broken, printed, at=steps)])


def ends(old, new, steps=1000):
    return [made_up(steps, [(first, 0.9)], [(second, 0.9)]) for first, second in zip(old, new, strict=True)]


def test_runs_that_end_in_other_minima_fail():
    assert failed("hidden", ends([11, 15, 20, 25] * 5, [11, 15, 20, 25] * 5)) == []
    assert failed("hidden", ends([11, 15, 20, 25] * 5, [11, 15, 25, 20] * 5)) == ["share of pairs in different minima"]


def test_a_handful_of_pairs_may_part_but_not_all():
    assert failed("hidden", ends([11, 15, 20], [11, 20, 25])) == []
    assert failed("hidden", ends([11, 15, 20], [15, 20, 25])) == ["share of pairs in different minima"]


def test_nan_is_allowed_to_the_raw_loss_of_tf1_alone():
    assert failed("hidden", ends([math.nan, 11], [20, 11])) == []
    assert failed("hidden", ends([20, 11], [math.nan, 11])) == ["losses not finite"]


def test_minima_are_not_judged_before_they_are_reached():
    pair = parity.Pair.of(registry.find("hidden"))
    for runs in (ends([80, 80], [20, 20], steps=40), ends([math.nan], [20])):
        (share,) = [check for check in judge(pair, pair.problem({}), runs, WHOLE) if "minima" in check.name]
        assert share.limit is None and share.passed
