import matplotlib.image
import numpy as np

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
