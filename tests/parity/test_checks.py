import math

import numpy as np
import pytest

from tfport.parity.checks import Check, distribution_distance, paired_interval, relative_error, ulps


def test_relative_error_is_scaled_by_the_largest_expected_value():
    assert relative_error(np.array([0.0, 4.0]), np.array([1.0, 4.0])) == 0.25
    assert relative_error(np.zeros(3), np.zeros(3)) == 0


@pytest.mark.parametrize("bad", [[np.nan, 1], [np.inf, 1], [1.0]])
def test_what_is_not_finite_or_of_another_shape_is_infinitely_far(bad):
    assert relative_error(np.array([1.0, 1.0]), np.array(bad)) == math.inf
    if bad != [np.inf, 1]:
        assert ulps(np.array([1.0, 1.0]), np.array(bad)) == math.inf


def test_ulps_count_representable_numbers():
    one = np.float32(1)
    up = np.nextafter(one, np.float32(2))
    assert ulps(np.array([one]), np.array([up])) == 1
    assert ulps(np.array([-one]), np.array([-np.nextafter(up, np.float32(2))])) == 2
    tiny = np.nextafter(np.float32(0), one)
    assert ulps(np.array([-tiny]), np.array([tiny])) == 2
    assert ulps(np.array([0.0]), np.array([-0.0])) == 0


def test_distribution_distance_tells_laws_apart_and_not_samples():
    random = np.random.RandomState(0)
    normal = random.normal(0, 1, (2, 6000))
    assert distribution_distance(*normal) < 1
    assert distribution_distance(normal[0], random.normal(0, 1.3, 6000)) > 1
    assert distribution_distance(normal[0], random.uniform(-1.7, 1.7, 6000)) > 1
    assert distribution_distance(np.zeros(5), np.zeros(5)) == 0
    assert distribution_distance(np.zeros(5), np.full(5, 0.1)) == math.inf


def test_paired_interval_is_students():
    mean, low, high = paired_interval(np.array([1.0, 2.0, 3.0]))
    assert mean == 2 and high == pytest.approx(2 + 4.303 / math.sqrt(3), abs=1e-3) and low == pytest.approx(4 - high)
    assert paired_interval(np.array([0.1]))[1:] == (-math.inf, math.inf)


@pytest.mark.parametrize(("n", "t"), [(31, 2.042272), (32, 2.039513), (50, 2.009575), (1000, 1.962341)])
def test_students_t_goes_on_beyond_the_table(n, t):
    differences = np.resize([1.0, -1.0], n)
    mean, _, high = paired_interval(differences)
    assert (high - mean) * math.sqrt(n) / np.std(differences, ddof=1) == pytest.approx(t, rel=2e-4)


def test_nan_never_passes():
    assert not Check(1, "x", math.nan, 1).passed
    assert Check(1, "x", 1, 1).passed and not Check(1, "x", 1.1, 1).passed and Check(1, "x", 9, None).passed
