"""The site in a browser: a reader's way through it, at both widths, in both themes and languages."""

import base64
import os
import re
from pathlib import Path

import pytest

from tests import browser
from tfport import registry
from tfport.compare import page, words

WIDTHS = (360, 1440)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    page.write(list(registry.tutorials().values()), str(folder))
    return folder


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browser.chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def opened(driver, site):
    """Opens a page as somebody does who was never here, at a width."""

    def opened(name, width=1440, height=1000):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        driver.get(f"file://{site}/{name}.html")
        driver.execute_script("localStorage.clear()")
        driver.refresh()
        return driver

    yield opened
    assert driver.get_log("browser") == []


def tip(driver):
    """What the tooltip says; None where it is hidden."""
    return driver.execute_script("const tip = document.getElementById('tip'); return tip.hidden ? null : tip.innerText")


def colours(driver):
    return driver.execute_script(
        "const style = getComputedStyle(document.body); return [style.color, style.backgroundColor]"
    )


def seen(driver, selector):
    """An element in the middle of the window, where nothing covers it."""
    element = driver.find_element("css selector", selector)
    driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
    return element


def test_a_readers_way(opened):
    driver = opened("index")
    seen(driver, ".cards a[href='cnn.html']").click()
    assert driver.title == "tfport: cnn, Two convolutions with dropout"
    # The question that the page answers first.
    minute = driver.find_element("css selector", ".note").text
    assert "What replaced feed_dict?" in minute and "Why do both learn the same?" in minute
    seen(driver, ".contents a[href='#section-training']").click()
    browser.wait_for(driver, lambda driver: abs(top_of(driver, "section-training")) < 150)
    link = seen(driver, ".pane a.use[data-entry='feed-dict']")
    assert tip(driver) is None
    from selenium.webdriver import ActionChains, Keys

    ActionChains(driver).move_to_element(link).perform()
    browser.wait_for(driver, tip)
    assert "feed_dict=" in tip(driver) and "model.fit(images, labels)" in tip(driver)
    assert link.get_attribute("aria-describedby") == "tip"
    ActionChains(driver).send_keys(Keys.ESCAPE).perform()
    assert tip(driver) is None
    before = colours(driver)
    driver.find_element("id", "theme").click()
    assert colours(driver) != before
    driver.refresh()
    assert colours(driver) != before, "the theme is kept"


def top_of(driver, name):
    return driver.execute_script("return document.getElementById(arguments[0]).getBoundingClientRect().top", name)


def test_the_keyboard_alone_will_do(opened):
    from selenium.webdriver import ActionChains, Keys

    driver = opened("cnn")
    focused = lambda: driver.switch_to.active_element  # noqa: E731
    ActionChains(driver).send_keys(Keys.TAB).perform()
    assert focused().get_attribute("class") == "skip"
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    passed = []
    while "use" not in passed and len(passed) < 60:
        ActionChains(driver).send_keys(Keys.TAB).perform()
        passed.append(focused().get_attribute("class"))
        if focused().tag_name == "summary":
            ActionChains(driver).send_keys(Keys.ENTER).perform()
            assert focused().find_element("xpath", "..").get_attribute("open")
    assert passed[-1] == "use" and any(name.startswith("pane") for name in passed), "panes can be scrolled by keys"
    shown = browser.wait_for(driver, tip)
    assert "→" in shown
    name = driver.switch_to.active_element.get_attribute("data-entry")
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    browser.wait_for(driver, lambda driver: driver.current_url.endswith(f"#{name}"))


def test_panes_scroll_together(opened):
    driver = opened("cnn", height=700)
    positions = "return [...document.querySelectorAll('[aria-labelledby=section-model] .pane')].map(p => p.scrollTop)"
    assert driver.execute_script(positions) == [0, 0]
    driver.execute_script("document.querySelectorAll('[aria-labelledby=section-model] .pane')[1].scrollTop = 1e6")
    browser.wait_for(driver, lambda driver: driver.execute_script(positions)[0] > 0 or scrolls_not(driver))
    first, second = driver.execute_script(positions)
    ends = driver.execute_script(
        "return [...document.querySelectorAll('[aria-labelledby=section-model] .pane')]"
        ".map(p => p.scrollHeight - p.clientHeight)"
    )
    assert abs(first - ends[0]) <= 1 and abs(second - ends[1]) <= 1 and ends[1] > 0


def scrolls_not(driver):
    """Whether the first pane is all seen."""
    script = "const p = document.querySelector('[aria-labelledby=section-model] .pane');"
    return driver.execute_script(script + "return p.scrollHeight <= p.clientHeight")


def test_korean_by_a_switch(opened):
    driver = opened("cnn")
    assert "튜토리얼" not in driver.find_element("tag name", "body").text
    driver.find_element("id", "language").click()
    text = driver.find_element("tag name", "main").text
    assert "무엇으로 바뀌었습니까" in text and "What replaced" not in text
    assert driver.find_element("tag name", "html").get_attribute("lang") == "ko"
    driver.find_element("css selector", ".top .home").click()
    assert "나란히 보기" in driver.find_element("tag name", "h1").text, "the language is kept"


def test_titles_and_labels_go_with_the_language(opened):
    driver = opened("hidden")
    driver.find_element("id", "language").click()
    assert driver.title == f"tfport: hidden, {words.PAIRS['hidden'].title.ko}"
    given = "return [...document.querySelectorAll('[data-says]')].map(e => e.getAttribute(e.dataset.says))"
    assert all(re.search("[가-힣]", text) for text in driver.execute_script(given))
    driver.refresh()
    assert driver.title.endswith(words.PAIRS["hidden"].title.ko) and all(
        re.search("[가-힣]", text) for text in driver.execute_script(given)
    ), "kept"
    driver.find_element("id", "language").click()
    assert not any(re.search("[가-힣]", text) for text in [driver.title, *driver.execute_script(given)])


def test_a_page_prints_whole_and_without_what_a_screen_needs(opened):
    driver = opened("cnn", 1440)
    driver.execute_script("document.documentElement.dataset.theme = 'dark'")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        style = (
            "const s = getComputedStyle(document.querySelector(arguments[0])); return [s.display, s.maxHeight, s.color]"
        )
        assert driver.execute_script(style, ".top")[0] == "none"
        assert driver.execute_script(style, ".pane")[1] == "none"
        assert driver.execute_script(style, "body")[2] == "rgb(0, 0, 0)"
        printed = driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})["data"]
        assert len(base64.b64decode(printed)) > 100_000
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_what_opens_is_accessible_too_and_korean(opened):
    from axe_core_python.selenium import Axe
    from selenium.webdriver import ActionChains

    driver = opened("cnn")
    driver.find_element("id", "language").click()
    driver.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    for theme in ("light", "dark"):
        driver.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
        ActionChains(driver).move_to_element(seen(driver, ".pane a.use[data-entry='feed-dict']")).perform()
        browser.wait_for(driver, tip)
        found = Axe().run(driver)
        assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]] == []
        ActionChains(driver).move_to_element(driver.find_element("tag name", "h1")).perform()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["index", "ledger", "cnn", "summaries", "temperature"])
def test_pages_fit_and_are_accessible(opened, name, width):
    from axe_core_python.selenium import Axe

    driver = opened(name, width)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width
    if name not in ("index", "ledger"):
        boxes = [pane.rect for pane in driver.find_elements("css selector", "[aria-labelledby=section-model] .pane")]
        assert (boxes[0]["y"] == boxes[1]["y"]) is (width == 1440), "columns stack where it is narrow"
        sizes = driver.execute_script("return [...document.images].map(image => image.naturalWidth)")
        assert sizes and all(sizes)
    # Colours are the same at both widths.
    for theme in ("light", "dark") if width == 1440 else ("light",):
        driver.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
        screenshot(driver, f"site-{name}-{width}-{theme}", width)
        found = Axe().run(driver)
        assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]] == []


def screenshot(driver, name, width):
    """The whole page, to be looked at; where TFPORT_SCREENSHOTS says, if it does."""
    folder = os.environ.get("TFPORT_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        height = min(driver.execute_script("return document.documentElement.scrollHeight"), 6000)
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        driver.save_screenshot(str(Path(folder) / f"{name}.png"))
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size | {"height": 1000})
