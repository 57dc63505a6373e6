import matplotlib.image
import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex, to_rgb

from tfport import plots
from tfport.data import synthetic
from tfport.training import Report


def test_training_curves_are_a_picture_and_leave_nothing_else(tmp_path):
    reports = [Report(step, 1000 / step, 0.9 + step / 10_000, 1.0) for step in (100, 200, 300)]
    plots.training_curves(reports, "cnn", tmp_path / "curves.png")
    assert [path.name for path in tmp_path.iterdir()] == ["curves.png"]
    picture = matplotlib.image.imread(tmp_path / "curves.png")
    assert picture.shape[:2] == (432, 1080) and picture.std() > 0.05


def test_digit_sheet_has_a_row_for_each_digit(tmp_path):
    labels = np.arange(60) % 10
    plots.digit_sheet(synthetic.draw(labels, 1), labels, "digits", tmp_path / "sheet.png")
    assert matplotlib.image.imread(tmp_path / "sheet.png")[..., :3].std() > 0.1


def test_no_pyplot_state_and_no_screen_are_needed(run_python, tmp_path):
    code = (
        "import sys; from tfport import plots; from tfport.training import Report;"
        f"plots.training_curves([Report(1, 1., .5, 1.)], 'x', {str(tmp_path / 'a.png')!r});"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    assert run_python("-c", code, DISPLAY="").stdout == "False\n"


EXTENT = (-2.0, 4.0)
X = np.array([[-1, -1], [0, 1], [4, 0], [1, 3], [3, 3], [9, 9]], np.float32)
T = np.array([0, 0, 0, 1, 1, 1], np.float32)
DIGITS = np.arange(3)
IMAGES = np.tile(np.linspace(0, 1, 28), (3, 28, 1))
MAPS = np.arange(3 * 14 * 14 * 2, dtype=float).reshape(3, 14, 14, 2)
FILTERS = np.linspace(-1, 0.5, 50).reshape(5, 5, 2)
P = np.eye(10)[[7, 2, 0]] * 0.9 + 0.01
RUNS = [[(1, 3.0), (2, 2.0)], [(1, 4.0), (2, 1.0)]]
YEAR = np.array([3.0, 2, 5, 9, 14, 17, 19, 21, 16, 10, 6, 4])
COUNTS = np.array([[980, 0, 3], [1, 1000, 0], [0, 20, 5]])
ENDS = np.array([0.1, 0.2, np.nan, 5.0])
FIELD = plots.plane(EXTENT, 20)[:, 0].reshape(20, 20) / 6 + 1 / 3

# Every figure, the size of its picture, and the labels of its axes.
FIGURES = {
    "monthly": (plots.monthly, (YEAR,), (504, 840), ("month", "mean temperature (°C)")),
    "fitted_curve": (
        plots.fitted_curve,
        (YEAR, np.linspace(1, 12), np.linspace(5, 9), "fit"),
        (504, 840),
        ("month", "mean temperature (°C)"),
    ),
    "points": (plots.points, (X, T, EXTENT, "points"), (648, 600), ("x1", "x2")),
    "probability_field": (plots.probability_field, (X, T, FIELD, EXTENT, "field"), (672, 696), ("x1", "x2")),
    "accuracy_curves": (
        plots.accuracy_curves,
        (np.array([0.5, 0.9, 0.95]), np.array([0.4, 0.8, 0.85]), "curves"),
        (504, 840),
        ("step", "accuracy (%)"),
    ),
    "digit": (plots.digit, (IMAGES[0], "digit"), (600, 552), None),
    "filter_sheet": (plots.filter_sheet, (IMAGES, DIGITS, FILTERS, MAPS, "filters"), (379, 600), None),
    "misclassified": (plots.misclassified, (IMAGES, DIGITS, P, "misread"), (540, 1056), ("digit", "P")),
    "twin_curves": (plots.twin_curves, (RUNS, RUNS[:1], "loss (nats)", "twins"), (504, 840), ("step", "loss (nats)")),
    "confusion_matrix": (plots.confusion_matrix, (COUNTS, "right"), (720, 720), ("predicted", "label")),
    "outcomes": (plots.outcomes, (ENDS, ENDS[:2], [1.0], "final loss", "ends"), (600, 840), ("final loss", "runs")),
}
CLASS_FIGURES = ("points", "probability_field")


@pytest.fixture
def drawn(monkeypatch):
    """Draw a figure and return it instead of saving it."""

    def draw(function, *values, **options):
        kept = []
        monkeypatch.setattr(plots, "_save", lambda figure, path: kept.append(figure))
        function(*values, "unused.png", **options)
        kept[0].draw_without_rendering()
        return kept[0]

    return draw


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def share_of(colour, picture):
    """Share of a picture's pixels that have a colour."""
    return np.mean(np.all(np.abs(picture[..., :3] - to_rgb(colour)) < 0.01, axis=-1))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_one_picture_and_leaves_nothing_else(name, tmp_path):
    function, values, size, _ = FIGURES[name]
    function(*values, tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    picture = matplotlib.image.imread(tmp_path / "a.png")
    assert picture.shape[:2] == size and picture[..., :3].std() > 0.05
    for colour in plots.CLASS_COLOURS:
        assert (share_of(colour, picture) > 0.0001) == (name in CLASS_FIGURES)


@pytest.mark.parametrize("name", [name for name, figure in FIGURES.items() if figure[-1]])
def test_axes_are_labelled(name, drawn):
    function, values, _, labels = FIGURES[name]
    axes = [axes for axes in drawn(function, *values).axes if (axes.axison and not axes.images) or axes.get_xlabel()]
    assert (axes[-1].get_xlabel(), axes[-1].get_ylabel()) == labels
    assert all(one.get_ylabel() == labels[1] for one in axes)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("title", ["short", "a long title of many words " * 6])
def test_nothing_is_clipped_and_titles_stay_off_the_axes(name, title, drawn):
    function, values, _, _ = FIGURES[name]
    figure = drawn(function, *values[:-1], title) if name != "monthly" else drawn(function, *values)
    width, height = figure.bbox.size
    title_box = figure._suptitle.get_window_extent()
    boxes = [axes.get_tightbbox() for axes in figure.axes if axes.axison]
    for box in [title_box, *boxes, *(one.get_window_extent() for one in figure.legends)]:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
    assert not any(title_box.overlaps(box) for box in boxes)
    for one in figure.legends:
        assert not any(one.get_window_extent().overlaps(box) for box in boxes)


@pytest.mark.parametrize("name", CLASS_FIGURES)
def test_planes_are_square_with_a_colour_and_a_marker_for_each_class(name, drawn):
    function, values, _, _ = FIGURES[name]
    figure = drawn(function, *values)
    axes = figure.axes[0]
    assert axes.get_xlim() == axes.get_ylim() == EXTENT and axes.get_aspect() == 1
    crowds = [crowd for crowd in axes.collections if isinstance(crowd, PathCollection)]
    assert [to_hex(crowd.get_facecolor()[0]) for crowd in crowds] == list(plots.CLASS_COLOURS)
    assert len({len(crowd.get_paths()[0]) for crowd in crowds}) == 2
    np.testing.assert_array_equal(crowds[0].get_offsets(), X[:3])
    np.testing.assert_array_equal(crowds[1].get_offsets(), X[3:5])
    assert legend(figure)[-2:] == ["class 0", "class 1 (1 outside)"]


def test_labels_may_be_a_column(drawn):
    figure = drawn(plots.points, X, T[:, np.newaxis], EXTENT, "")
    assert [len(crowd.get_offsets()) for crowd in figure.axes[0].collections] == [3, 2]


def test_plane_runs_along_x1_then_up_x2():
    grid = plots.plane((0, 30), 4)
    assert grid.dtype == np.float32 and grid.shape == (16, 2)
    np.testing.assert_array_equal(
        (100 * grid[:, 1] + grid[:, 0]).reshape(4, 4),
        [[0, 10, 20, 30], [1000, 1010, 1020, 1030], [2000, 2010, 2020, 2030], [3000, 3010, 3020, 3030]],
    )
    assert plots.plane((0, 30)).shape == (10_000, 2)


def test_field_lies_where_its_points_lie(drawn, tmp_path):
    # Class 1 is sure only in the corner of high x1 and low x2.
    grid = plots.plane(EXTENT, 7)
    field = ((grid[:, 0] > 2) & (grid[:, 1] < 0)).reshape(7, 7).astype(float)
    figure = drawn(plots.probability_field, X[:0], T[:0], field, EXTENT, "")
    image, axes = figure.axes[0].images[0], figure.axes[0]
    # Pixels are centred at the points: 7 of them from -2 to 4.
    assert image.origin == "lower" and image.get_clim() == (0, 1)
    assert image.get_extent() == pytest.approx([-2.5, 4.5, -2.5, 4.5])
    assert axes.child_axes[0].get_ylabel() == "P(class 1)"
    figure.savefig(tmp_path / "field.png", dpi=100)
    picture = matplotlib.image.imread(tmp_path / "field.png")[..., :3]

    def at(x1, x2):
        column, row = axes.transData.transform((x1, x2))
        return picture[-1 - int(row), int(column)]

    assert np.ptp(at(3.3, -1.3)) < 0.01 and at(3.3, -1.3)[0] < 0.6
    for x1, x2 in ((-1.3, -1.3), (-1.3, 3.3), (3.3, 3.3)):
        assert at(x1, x2)[0] == 1


def test_contour_of_one_half_is_drawn_where_there_is_one(drawn):
    figure = drawn(plots.probability_field, X, T, FIELD, EXTENT, "")
    (contour,) = (one for one in figure.axes[0].collections if not isinstance(one, PathCollection))
    line = contour.get_paths()[0].vertices
    np.testing.assert_allclose(line[:, 0], 1, atol=1e-6)  # x1 / 6 + 1 / 3 = 1 / 2
    assert (line[:, 1].min(), line[:, 1].max()) == EXTENT
    assert legend(figure)[0] == "P = 0.5"
    for field, line in ((FIELD / 3, None), (FIELD, (0.0, 1.0, 0.0))):
        figure = drawn(plots.probability_field, X, T, field, EXTENT, "", line=line)
        assert "P = 0.5" not in legend(figure) and len(figure.axes[0].collections) == 2


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ((-1, 1, 1), [(-2, 3), (3, -2)]),
        ((0, -1, 1), [(-2, -2), (4, 4)]),
        ((-3, 1, 0), [(3, -2), (3, 4)]),
        ((3, 0, 3), [(-2, -1), (4, -1)]),
        ((-7, 1, 1), [(3, 4), (4, 3)]),
        ((-9, 1, 1), None),
        ((-5, 1, 0), None),
        ((5, 0, 1), None),
        ((1, 0, 0), None),
    ],
)
def test_decision_line_ends_at_the_borders(line, ends, drawn):
    figure = drawn(plots.probability_field, X, T, FIELD, EXTENT, "", line=line)
    lines = figure.axes[0].lines
    assert len(lines) == ("decision line" in legend(figure)) == (ends is not None)
    if ends:
        np.testing.assert_allclose(sorted(zip(*lines[0].get_data(), strict=True)), ends, atol=1e-12)


def test_monthly_names_the_extremes(drawn):
    figure = drawn(plots.monthly, YEAR)
    assert figure._suptitle.get_text() == "Warmest in August (21.0 °C), coldest in February (2.0 °C)"
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_xydata(), np.stack([np.arange(1, 13), YEAR], axis=1))


def test_fitted_curve_is_a_line_and_the_means_are_points(drawn):
    figure = drawn(*FIGURES["fitted_curve"][:1], *FIGURES["fitted_curve"][1])
    curve, means = figure.axes[0].lines
    assert (curve.get_linestyle(), curve.get_marker()) == ("-", "None")
    assert (means.get_linestyle(), means.get_marker()) == ("None", "o")
    np.testing.assert_array_equal(means.get_ydata(), YEAR)
    assert legend(figure) == ["fitted polynomial", "monthly means"]


def test_accuracies_are_percentages_from_step_one(drawn):
    figure = drawn(plots.accuracy_curves, np.array([0.5, 0.75]), np.array([0.25, 1.0]), "")
    train, test = figure.axes[0].lines
    assert train.get_xydata().tolist() == [[1, 50], [2, 75]] and test.get_xydata().tolist() == [[1, 25], [2, 100]]
    assert (train.get_color(), test.get_color()) == (plots.TRAIN_COLOUR, plots.TEST_COLOUR)
    assert legend(figure) == ["training", "test"]


def test_digit_has_dark_ink(tmp_path):
    plots.digit(np.kron([[0, 0], [0, 1]], np.ones((14, 14))), "ink", tmp_path / "digit.png")
    picture = matplotlib.image.imread(tmp_path / "digit.png")[..., :3]
    assert picture[450, 400].max() == 0 and picture[250, 150].min() == picture[450, 150].min() == 1


def test_filter_sheet_puts_everything_in_its_place(drawn):
    figure = drawn(plots.filter_sheet, IMAGES, DIGITS, FILTERS, MAPS, "")
    sheet = np.reshape(figure.axes, (3, 4))
    assert not sheet[0, 0].axison and not sheet[0, 0].images
    for n in range(3):
        np.testing.assert_array_equal(sheet[0, n + 1].images[0].get_array(), IMAGES[n])
        assert sheet[0, n + 1].get_title() == str(n)
        for f in range(2):
            image = sheet[f + 1, n + 1].images[0]
            np.testing.assert_array_equal(image.get_array(), MAPS[n, :, :, f])
            assert image.get_clim() == (MAPS[..., f].min(), MAPS[..., f].max())
    for f in range(2):
        np.testing.assert_array_equal(sheet[f + 1, 0].images[0].get_array(), FILTERS[..., f])
        assert sheet[f + 1, 0].images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize(("count", "axes"), [(1, 2), (2, 4), (3, 6), (10, 20)])
def test_misclassified_shows_every_image_beside_its_probabilities(count, axes, drawn):
    labels, p = np.resize(DIGITS, count), np.resize(P, (count, 10))
    figure = drawn(plots.misclassified, np.resize(IMAGES, (count, 28, 28)), labels, p, "")
    assert len(figure.axes) == axes + (count == 3) * 2
    for n in range(count):
        left, right = figure.axes[2 * n : 2 * n + 2]
        assert left.get_title() == f"{p[n].argmax()} / {labels[n]}"
        assert [bar.get_height() for bar in right.patches] == p[n].tolist()
        assert to_hex(right.patches[labels[n]].get_facecolor()) == plots.LABEL_COLOUR
        assert to_hex(right.patches[p[n].argmax()].get_facecolor()) == plots.PREDICTED_COLOUR
        assert to_hex(right.patches[5].get_facecolor()) == plots.OTHER_COLOUR
        assert right.get_xticklabels()[labels[n]].get_color() == plots.LABEL_COLOUR
    assert all(not one.axison for one in figure.axes[2 * count :])
    assert legend(figure) == ["predicted", "label", "other"]


def test_twins_differ_in_colour_and_dash_and_runs_of_a_twin_do_not(drawn):
    figure = drawn(plots.twin_curves, RUNS, [*RUNS, []], "loss", "")
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata())]
    assert [line.get_xydata().tolist() for line in lines] == [[list(pair) for pair in run] for run in [*RUNS, *RUNS]]
    assert {(line.get_color(), line.get_linestyle()) for line in lines[:2]} == {(plots.TF1_COLOUR, "-")}
    assert {(line.get_color(), line.get_linestyle()) for line in lines[2:]} == {(plots.KERAS_COLOUR, "--")}
    assert legend(figure) == ["TF1", "Keras"]


def test_outcomes_count_every_run(drawn):
    new = np.array([0.1, np.nan, np.nan, np.inf, 2.0])
    figure = drawn(plots.outcomes, ENDS, new, [1.0, 7.0], "final loss", "")
    above, below = figure.axes
    assert [(axes.get_title("left"), axes.get_title("right")) for axes in figure.axes] == [
        ("TF1", "NaN: 1 of 4"),
        ("Keras", "NaN: 2 of 5, infinite: 1"),
    ]
    assert [sum(bar.get_height() for bar in axes.patches) for axes in figure.axes] == [3, 2]
    assert [bar.get_x() for bar in above.patches] == [bar.get_x() for bar in below.patches]
    assert above.get_xlim() == below.get_xlim() and above.get_ylim() == below.get_ylim()
    for axes in figure.axes:
        assert [line.get_xdata()[0] for line in axes.lines] == [1, 7]
        assert {line.get_linestyle() for line in axes.lines} == {"--"} and axes.get_xlim()[1] > 7


def test_outcomes_of_nothing_but_nan_are_still_a_picture(drawn):
    figure = drawn(plots.outcomes, np.full(2, np.nan), np.full(3, np.nan), [], "final loss", "")
    assert [axes.get_title("right") for axes in figure.axes] == ["NaN: 2 of 2", "NaN: 3 of 3"]


def test_colours_of_one_figure_differ():
    for colours in (
        plots.CLASS_COLOURS,
        (plots.TRAIN_COLOUR, plots.TEST_COLOUR),
        (plots.TF1_COLOUR, plots.KERAS_COLOUR),
        (plots.PREDICTED_COLOUR, plots.LABEL_COLOUR, plots.OTHER_COLOUR),
    ):
        rgb = np.array([to_rgb(colour) for colour in colours])
        assert all(np.abs(a - b).max() > 0.2 for i, a in enumerate(rgb) for b in rgb[:i])


def test_confusion_matrix_writes_every_count_but_zero_into_its_cell(drawn):
    axes = drawn(plots.confusion_matrix, COUNTS, "right").axes[0]
    told = {(text.get_position()[1], text.get_position()[0]): int(text.get_text()) for text in axes.texts}
    assert told == {(row, column): int(COUNTS[row, column]) for row, column in np.argwhere(COUNTS)}
    shade = axes.images[0].get_array()
    assert shade[2, 1] > shade[2, 2] > shade[2, 0] == 0  # of its row, not of all
