import numpy as np
import pytest

from tfport.data import problems


def test_points_of_logistic_are_the_tutorials_to_six_decimals():
    rows = problems.draw("logistic")
    assert [tuple(np.round(row, 6)) for row in rows[:5]] == [
        (8.757376, 13.871496, 0),
        (10.477299, 6.924247, 0),
        (18.508789, 16.273824, 1),
        (14.363211, 18.352569, 1),
        (24.465507, 18.948523, 1),
    ]
    assert rows.shape == (35, 3) and rows[:, 2].sum() == 15


def test_points_of_hidden_are_the_tutorials_to_six_decimals():
    """The tutorial showed the last rows as they were before the permutation."""
    drawn = {tuple(np.round(row, 6)) for row in problems.draw("hidden")}
    assert {
        (19.706643, 24.780606, 1),
        (17.686418, 12.477638, 1),
        (14.573116, 24.185052, 1),
        (26.026245, 12.522857, 1),
        (23.832026, 29.230884, 1),
    } <= drawn
    assert len(drawn) == 65


def test_the_groups_are_the_tutorials():
    """Mean, variance, size, label; what of them no printed row shows."""
    assert [tuple(group) for group in problems.GROUPS["two_hidden"]] == [
        ((-7, -7), 18, 30, 1), ((-7, 7), 18, 30, 0), ((7, -7), 18, 30, 0), ((7, 7), 18, 30, 1)
    ]  # fmt: skip
    assert [tuple(group) for group in problems.GROUPS["holdout"]] == [((10, 11), 20, 800, 0), ((18, 20), 22, 600, 1)]


@pytest.mark.parametrize("name", problems.GROUPS)
def test_a_group_has_its_mean_and_variance(name):
    """NumPy's own multivariate normal, drawn in the same order, is the reference."""
    generator = np.random.RandomState(11)
    for each in (problems.CONTINUES.get(name), name):
        if each is None:
            continue
        parts = [
            np.column_stack([
                generator.multivariate_normal(group.mean, np.eye(2) * group.variance, group.size),
                np.full(group.size, group.label),
            ])
            for group in problems.GROUPS[each]
        ]  # fmt: skip
        rows = np.concatenate(parts)
        rows = rows[generator.permutation(len(rows))]
    np.testing.assert_allclose(problems.draw(name, 11), rows, rtol=1e-12)


def test_a_fifth_of_holdout_is_held_out():
    problem = problems.points("holdout")
    assert (len(problem.train), len(problem.test)) == (1120, 280)
    whole = np.concatenate([problem.train.inputs, problem.test.inputs])
    np.testing.assert_array_equal(whole, problems.draw("holdout")[:, :2].astype(np.float32))
    assert problem.scored == "test accuracy" and problems.points("hidden").scored == "accuracy"


def test_zero_weights_score_nothing():
    samples = problems.points("logistic").train
    assert samples.accuracy(np.zeros((35, 1))) == 0
    assert samples.accuracy(samples.targets - 0.5) == 1
    assert samples.accuracy(-np.ones((35, 1))) == pytest.approx(20 / 35)
    assert problems.temperature().train.accuracy(np.zeros((12, 1))) is None


def test_temperatures_and_their_least_squares():
    problem = problems.temperature()
    np.testing.assert_array_equal(problem.train.inputs[2], [1, 3, 9, 27, 81])
    parameters, loss = problems.least_squares()
    design, targets = problem.train.inputs.astype(float), problem.train.targets[:, 0].astype(float)

    def squares(w):
        return np.sum((design @ w - targets) ** 2)

    assert squares(parameters) == pytest.approx(loss, rel=1e-5)
    nearby = [squares(parameters + step * (1 + np.abs(parameters))) for step in (1e-4 * np.eye(5)).tolist()]
    assert min(nearby) > loss


def test_other_seeds_give_other_points_and_another_hash():
    one, again, other = (problems.points("two_hidden", seed) for seed in (1, 1, 2))
    assert one.sha256 == again.sha256 != other.sha256
