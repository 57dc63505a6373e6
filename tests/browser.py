"""A headless Chromium that looks into TensorBoard, which hides its elements in shadow trees."""

from __future__ import annotations

import contextlib
import os
import shutil
import time

import pytest

# Every element of a page that a selector matches, shadow trees included.
DEEP = """
const found = [], visit = root => {
  found.push(...root.querySelectorAll(arguments[0]));
  root.querySelectorAll('*').forEach(element => { if (element.shadowRoot) visit(element.shadowRoot); });
};
visit(document);
"""
SWITCHES = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1440,1000"
)


@contextlib.contextmanager
def chromium(profile):
    """A browser; skips where there is none, but not in CI."""
    programs = shutil.which("chromium"), shutil.which("chromedriver")
    try:
        from selenium import webdriver
    except ImportError:
        webdriver = None
    if webdriver is None or not all(programs):
        message = 'a browser is needed: Debian\'s chromium and chromium-driver, and pip install "selenium>=4"'
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for switch in [*SWITCHES.split(), f"--user-data-dir={profile}"]:
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(programs[1]))
    try:
        yield driver
    finally:
        driver.quit()


def elements(driver, selector):
    """Every element that a selector matches."""
    return driver.execute_script(DEEP + "return found;", selector)


def attributes(driver, selector, *names):
    """A list of these attributes for every element that a selector matches, all read at one moment."""
    read = "const names = arguments[1]; return found.map(element => names.map(name => element[name] ?? null));"
    return driver.execute_script(DEEP + read, selector, names)


def texts(driver, selector):
    """What these elements say."""
    return [text.strip() for (text,) in attributes(driver, selector, "textContent")]


def lines_drawn(driver):
    """Number of lines of some length in the charts of a page."""
    lengths = "return found.filter(path => path.closest('svg') && path.getTotalLength() > 100).length;"
    return driver.execute_script(DEEP + lengths, "path")


def wait_for(driver, what, seconds=60):
    """What a function of the browser returns, as soon as that is something."""
    from selenium.common.exceptions import WebDriverException

    last = time.monotonic() + seconds
    while True:
        try:
            found = what(driver)
            if found:
                return found
        except WebDriverException:  # an element vanished while it was looked at, or is not there yet
            if time.monotonic() > last:
                raise
        assert time.monotonic() < last, f"not seen within {seconds} s: {what.__doc__ or what.__name__}"
        time.sleep(0.3)
