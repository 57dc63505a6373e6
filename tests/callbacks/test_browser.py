"""What both programs wrote, looked at in a browser: the real TensorBoard, every dashboard, both runs."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from legacy_tf1 import summaries as legacy
from tests import browser
from tfport import summaries


def of_both(names):
    """Whether all runs of both programs are among these names."""
    return {f"{side}/{part}" for side in ("tf1", "keras") for part in ("train", "test")} <= set(names)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Folders named tf1 and keras, of 120 steps each; the last but one a traced step."""
    folder = tmp_path_factory.mktemp("seen")
    words = ["--data", "synthetic", "--log-dir"]
    legacy.main(["--max-steps", "120", *words, str(folder / "tf1")])
    run = summaries.main(["--steps", "108", *words, str(folder / "runs")]).folder
    return [folder / "tf1", run.rename(folder / "keras")]


@pytest.fixture(scope="module")
def server(runs):
    """The address of ``tfport tensorboard`` over both."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tfport", "tensorboard", *map(str, runs), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        address = f"http://127.0.0.1:{port}/"
        last = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(address + "data/runs", timeout=5) as answer:  # noqa: S310
                    if of_both(json.load(answer)):
                        break
            except OSError:
                assert process.poll() is None and time.monotonic() < last, process.stdout.read()
            time.sleep(0.5)
        yield address
        process.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def driver(server, tmp_path_factory):
    with browser.chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def look(driver, server, tmp_path):
    """Open a dashboard; a picture of it is kept where TFPORT_SCREENSHOTS says."""
    folder = Path(os.environ.get("TFPORT_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)

    def open_dashboard(name):
        driver.get("about:blank")  # else a new fragment would not load the page anew
        driver.get(f"{server}#{name}")

    def picture(name):
        time.sleep(1)  # graphs and charts move into their places
        path = folder / f"tensorboard-{name}.png"
        assert driver.save_screenshot(str(path)) and path.stat().st_size > 10_000

    yield open_dashboard, picture
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_scalars_of_all_runs_lie_in_one_chart(driver, look):
    open_dashboard, picture = look
    open_dashboard("scalars")

    def charts(driver):
        shown = dict(browser.attributes(driver, "tf-line-chart-data-loader", "loadKey", "dataSeries"))
        # A series has the name of an experiment and the run's: ["_default","tf1/train"].
        runs = [{json.loads(name)[1] for name in shown.get(tag) or ()} for tag in ("accuracy_1", "cross_entropy_1")]
        return all(map(of_both, runs))

    browser.wait_for(driver, charts)
    picture("scalars")


@pytest.mark.parametrize(("dashboard", "loader", "tag"), [
    ("images", "tf-image-loader", "input_reshape/input/image/0"),
    ("distributions", "tf-distribution-loader", "layer1/Wx_plus_b/pre_activations"),
    ("histograms", "tf-histogram-loader", "layer1/Wx_plus_b/pre_activations"),
])  # fmt: skip
def test_a_tag_is_shown_of_all_runs(driver, look, dashboard, loader, tag):
    open_dashboard, picture = look
    open_dashboard(dashboard)

    def shown(driver):
        return of_both(run for each, run in browser.attributes(driver, loader, "tag", "run") if each == tag)

    browser.wait_for(driver, shown)
    if dashboard == "images":
        browser.wait_for(driver, lambda driver: min(browser.attributes(driver, "img", "naturalWidth")) == [28])
    else:
        browser.wait_for(driver, lambda driver: browser.lines_drawn(driver) >= 100)
    picture(dashboard)


def test_graphs_show_layers_operations_and_times(driver, look):
    open_dashboard, picture = look
    open_dashboard("graphs")

    def labels(driver):
        return browser.texts(driver, "text.nodelabel")

    def choose(menu, item):
        def chosen(driver):
            if browser.attributes(driver, "paper-dropdown-menu", "selectedItemLabel")[menu] == [item]:
                return True
            items = browser.elements(driver, "paper-item")
            (one,) = [
                each for each, text in zip(items, browser.texts(driver, "paper-item"), strict=True) if text == item
            ]
            # A click on a menu that is still unfolding may hit the item beside it: then once more.
            (one if one.is_displayed() else browser.elements(driver, "paper-dropdown-menu")[menu]).click()

        browser.wait_for(driver, labels)  # a graph that is still on its way would take the place of the one chosen
        browser.wait_for(driver, lambda driver: item in browser.texts(driver, "paper-item"))
        browser.wait_for(driver, chosen)

    def labelled(*names):
        browser.wait_for(driver, lambda driver: all(name in " ".join(labels(driver)) for name in names))

    choose(0, "tf1/train")
    labelled("layer1", "dropout", "layer2", "cross_entropy")
    picture("graph-tf1")
    choose(0, "keras/train")
    labelled("summaries", "Adam", "gradient_tape")
    picture("graph-keras")
    choose(1, "keras")
    labelled("images", "flatten", "layer1", "dropout", "layer2")
    assert "Adam" not in labels(driver)
    picture("graph-layers")
    choose(1, "step099")
    labelled("summaries", "Adam")
    kinds = browser.elements(driver, "paper-radio-button")
    (profile,) = [each for each in kinds if each.get_attribute("name") == "profile"]
    profile.click()
    (times,) = [each for each in kinds if each.get_attribute("name") == "compute_time"]
    browser.wait_for(driver, lambda driver: times.get_attribute("aria-disabled") == "false")
    times.click()
    picture("graph-times")
