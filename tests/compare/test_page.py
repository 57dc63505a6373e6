import html.parser
import json
import re
import shutil

import pytest

from tfport import registry
from tfport.compare import page, words
from tfport.compare.highlight import highlight
from tfport.compare.ledger import LEDGER
from tfport.compare.results import RESULTS
from tfport.errors import UserError

ROWS = registry.tutorials()
VOID = {"meta", "link", "img", "br", "input", "hr"}


class Reader(html.parser.HTMLParser):
    """Ids, addresses and text of a page; fails where tags do not close each other."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.addresses, self.text, self.open = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        self.addresses += [given[name] for name in ("href", "src") if name in given]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of all eleven, of the results that the project ships."""
    folder = tmp_path_factory.mktemp("site")
    told = page.write(list(ROWS.values()), str(folder))
    assert "11 pairs" in told and str(folder / "index.html") in told
    return folder


@pytest.fixture(scope="module")
def committed():
    return json.loads((RESULTS / "reproduce.json").read_text())["entries"]


def pages(site):
    return {path.name: Reader(path.read_text(encoding="utf-8")) for path in site.glob("*.html")}


def test_a_page_for_every_pair_an_index_and_the_ledger(site):
    assert set(pages(site)) == {"index.html", "ledger.html", *(f"{name}.html" for name in ROWS)}


def test_links_lead_somewhere_and_nowhere_else_than_here(site):
    read = pages(site)
    for name, reader in read.items():
        assert len(reader.ids) == len(set(reader.ids)), name
        for address in reader.addresses:
            if address.startswith("data:"):
                continue
            path, _, anchor = address.partition("#")
            assert not re.match(r"[a-z]+:|//", path), f"{name}: {address} is on the network"
            assert (site / (path or name)).is_file(), f"{name}: {address}"
            assert not anchor or anchor in read[path or name].ids, f"{name}: {address}"
    for name in ("site.css", "site.js"):
        assert not re.search(r"https?://|@import|url\(", (site / name).read_text(encoding="utf-8"))


def test_the_code_is_all_there_and_escaped(site):
    text = "".join(pages(site)["cnn.html"].text)
    raw = (site / "cnn.html").read_text(encoding="utf-8")
    for line in (
        "h_pool2 = tf.nn.max_pool(h_conv2, ksize=[1, 2, 2, 1]",
        "optimizer=training.Adam(config.learning_rate),",
    ):
        assert line in text
    assert "-> Iterator[program.Report]:" in text and "&gt;" in raw


def test_markup_in_a_source_stays_text():
    source = 'x = "<script>alert(1)</script> & é"  # <b>\ny = tf.log(x)\n'
    shown = str(highlight(source, marked=True))
    assert "<script>" not in shown and "<b>" not in shown
    reader = Reader(shown)
    assert "".join(reader.text) == source.replace("\n", "")
    assert reader.addresses == ["#tf-log"]


@pytest.mark.parametrize("source", ["x = tf.float32", "def f():\n    return tf.nn.relu", "y = (tf.nn\n .relu(x))",
                                    "a = 1\n\x0c\nb = 'c\x0cd\x1ce\u2028f'\ny = tf.log(a)"])  # fmt: skip
def test_every_link_is_closed(source):
    shown = str(highlight(source, marked=True))
    assert len(Reader(shown).addresses) == 1
    linked = re.search(r"<a [^>]*>(.*)</a>", shown, re.DOTALL)[1]
    assert re.sub(r"<[^>]*>|\s", "", linked) in ("tf.float32", "tf.nn.relu", "relu", "tf.log")


def test_links_reach_over_no_end_of_a_line():
    source = "y = (tf.nn\n     .softmax_cross_entropy_with_logits_v2(\n        labels=t,\n        logits=z))\n"
    Reader(str(highlight(source, marked=True)))
    gated = "tf.train.AdamOptimizer(1e-4).minimize(loss, gate_gradients=tf.train.Optimizer.GATE_OP)"
    source = f'a = """two\nlines"""\nb = {gated}\n'
    assert len(Reader(str(highlight(source, marked=True))).addresses) == 4


def test_results_are_those_of_the_files(site, tmp_path, committed):
    cnn = json.loads(json.dumps(next(entry for entry in committed if entry["name"] == "cnn")))
    mean = sum(run["new"][-1][2] for run in cnn["runs"]) / len(cnn["runs"])
    assert f"{mean:.4f}" in "".join(pages(site)["cnn.html"].text)
    # Other results, another page.
    cnn["passed"], cnn["checks"][0]["passed"] = False, False
    (tmp_path / "measured").mkdir()
    (tmp_path / "measured" / "reproduce.json").write_text(json.dumps({"entries": [cnn]}))
    page.write([ROWS["cnn"]], str(tmp_path / "site"), tmp_path / "measured")
    assert "DISAGREE" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "FAILED" in (tmp_path / "site" / "cnn.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ROWS)
def test_every_rung_of_every_pair_was_climbed(site, name):
    facts = page.Facts(RESULTS)
    rungs = facts.rungs(ROWS[name])
    assert [(rung, passed) for rung, passed, _ in rungs] == [(rung, True) for rung in range(1, 6)]
    text = "".join(pages(site)[f"{name}.html"].text)
    for _, _, worst in rungs:
        assert worst.en in text and worst.ko in text
    assert all(check["name"] in text for check in facts.ladder(ROWS[name])["checks"])


def test_without_results_there_is_still_code(tmp_path):
    page.write([ROWS["softmax"]], str(tmp_path / "site"), tmp_path)
    text = "".join(Reader((tmp_path / "site" / "softmax.html").read_text(encoding="utf-8")).text)
    assert "not measured" in text and "tf.placeholder" in text


def test_the_ledger_names_the_pairs_that_show_an_entry(site):
    text = (site / "ledger.html").read_text(encoding="utf-8")
    part = text[text.index('id="tf-nn-dropout"') :]
    part = part[: part.index("</article>")]
    assert re.findall(r'href="(\w+)\.html"', part) == ["summaries", "cnn"]
    assert text.count("<article") == len(LEDGER)


def test_what_is_not_ours_is_left_alone(tmp_path):
    (tmp_path / "cnn.html").write_text("my own page")
    with pytest.raises(UserError, match="--html .*: holds files that are no site of ours; name another folder"):
        page.write([ROWS["softmax"]], str(tmp_path))
    assert (tmp_path / "cnn.html").read_text() == "my own page"
    assert [path.name for path in tmp_path.iterdir()] == ["cnn.html"]
    page.write([ROWS["softmax"]], str(tmp_path / "site"))
    (tmp_path / "site" / "ledger.html").unlink()
    (tmp_path / "site" / "ledger.html").mkdir()
    with pytest.raises(UserError, match="no site of ours"):
        page.write([ROWS["softmax"]], str(tmp_path / "site"))
    (tmp_path / "site" / "ledger.html").rmdir()
    (tmp_path / "site" / "cnn.html").write_text("my own page")
    with pytest.raises(UserError, match="no site of ours"):
        page.write([ROWS["cnn"]], str(tmp_path / "site"))
    assert (tmp_path / "site" / "cnn.html").read_text() == "my own page"


def charts(site, name):
    return re.findall(r'src="figures/([^"]+)\.svg"', (site / f"{name}.html").read_text(encoding="utf-8"))


def test_both_programs_are_drawn(site, mnist_dir):
    shown = {name: charts(site, name) for name in ROWS}
    assert shown["temperature"] == ["temperature-loss", "temperature-tf1-learned", "temperature-keras-learned"]
    assert shown["holdout"] == ["holdout-accuracy", "holdout-loss"]
    for name in ("softmax", "dnn", "summaries"):
        kinds = ("accuracy", "loss", "tf1-misread", "keras-misread")
        assert shown[name] == [f"{name}-{kind}" for kind in kinds]
    for name in ("small_cnn", "single_cnn", "cnn"):
        kinds = ("accuracy", "loss", "tf1-filters", "keras-filters", "tf1-misread", "keras-misread")
        assert shown[name] == [f"{name}-{kind}" for kind in kinds]
    # TF1's relu network ends in NaN: the page says so instead.
    assert "hidden-relu2-keras-learned" in shown["hidden"] and "hidden-relu2-tf1-learned" not in shown["hidden"]
    assert "hidden relu2: the weights of the TF1 program's first run are NaN" in "".join(
        pages(site)["hidden.html"].text
    )


def test_the_images_that_are_shown_were_misread(committed, mnist_dir):
    from tfport import data

    test = data.load("mnist", str(mnist_dir)).test
    for entry in committed:
        for side in ("old", "new"):
            learned = entry["runs"][0][f"{side}_learned"]
            if "rows" in learned:
                predicted = [row.index(max(row)) for row in learned["probabilities"]]
                assert all(predicted != test.labels[learned["rows"]])
                accuracy = entry["runs"][0][side][-1][2]
                assert learned["misread"] == round(len(test) * (1 - accuracy))


def test_without_mnist_the_page_says_what_is_missing(tmp_path):
    page.write([ROWS["softmax"]], str(tmp_path))
    assert charts(tmp_path, "softmax") == ["softmax-accuracy", "softmax-loss"]
    assert "MNIST was not on the machine" in (tmp_path / "softmax.html").read_text(encoding="utf-8")


def test_every_text_is_there_in_both_languages(site):
    for path in site.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'aria-label="[^"]*"(?! data-says)|<img(?![^>]*data-ko)', text), path.name
        assert re.search(r"<title data-en=.* data-ko=", text)
    for name, row in ROWS.items():
        for check in page.Facts(RESULTS).ladder(row)["checks"]:
            english, korean = words.check(check["name"])
            assert english == check["name"] and korean != english, f"{name}: {english} has no Korean name"
            assert re.findall(r"\d+", english) == re.findall(r"\d+", korean)


def test_times_have_the_unit_of_three_digits():
    shown = [page._time(seconds) for seconds in (0.0009996, 0.00099, 1.0, 24.6e-3, 9.4e-7, 0.99996)]
    assert shown == ["1 ms", "990 µs", "1 s", "24.6 ms", "940 ns", "1 s"]


def test_a_site_is_written_over_its_own(site, tmp_path):
    shutil.copytree(site, tmp_path / "again")
    (tmp_path / "again" / "notes.txt").write_text("kept")
    page.write([ROWS["softmax"]], str(tmp_path / "again"))
    assert (tmp_path / "again" / "notes.txt").read_text() == "kept"
    assert not [path for path in (tmp_path / "again").rglob("*") if "tmp" in path.name]


def test_a_pair_of_ones_own_gets_a_page(tmp_path, monkeypatch):
    import dataclasses

    program = "import tensorflow as tf\n\n# --- my <own> thing ---\n\nx = tf.log(1.0)\n"
    (tmp_path / "my_program.py").write_text(program)
    monkeypatch.syspath_prepend(str(tmp_path))
    mine = dataclasses.replace(
        ROWS["softmax"], name="mine", title="one of <my> own", legacy="my_program", twin="my_program"
    )
    page.write([mine], str(tmp_path / "site"))
    text = "".join(Reader((tmp_path / "site" / "mine.html").read_text(encoding="utf-8")).text)
    assert "one of <my> own" in text and "my <own> thing" in text and "not measured" in text


HOSTILE = (
    '\'"><script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">`<b>`</a>'
    "{{ 7*191191 }}${1}$x^{"
)


def hostile(value, key=""):
    """The same results, with markup, templates, formulas and paths in every text of theirs."""
    kept = ("measure", "sha256", "source", "settings", "learned", "old_learned", "new_learned", "runs", "variant")
    if isinstance(value, dict):
        return {name: each if name in kept else hostile(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each, key) for each in value]
    if isinstance(value, str):
        return f"softmax ../../../climbed-out{HOSTILE}" if key == "name" and value == "softmax" else HOSTILE
    return value


def test_hostile_results_stay_text(tmp_path):
    """Everything that the page shows of a file of results."""
    measured = tmp_path / "measured"
    measured.mkdir()
    entry = next(e for e in json.loads((RESULTS / "reproduce.json").read_text())["entries"] if e["name"] == "softmax")
    (measured / "reproduce.json").write_text(json.dumps({"entries": [hostile(entry)]}))
    bench = json.loads((RESULTS / "bench.json").read_text())
    bench["speed"] |= {key: hostile(bench["speed"][key]) for key in ("processor", "versions")}
    bench["speed"]["rows"][0]["contestants"][HOSTILE] = {"step": 1, "ratio": 1}
    (measured / "bench.json").write_text(json.dumps(bench))
    ladder = next(each for each in json.loads((RESULTS / "parity.json").read_text()) if each["name"] == "softmax")
    checks = [{**check, "detail": HOSTILE} for check in ladder["checks"]]
    checks[0]["name"] = HOSTILE
    (measured / "parity.json").write_text(json.dumps([{**ladder, "checks": checks}]))
    page.write([ROWS["softmax"]], str(tmp_path / "site"), measured)
    for path in (tmp_path / "site").glob("*.html"):
        raw = path.read_text(encoding="utf-8")
        reader = Reader(raw)  # which fails where markup does not close
        assert len(re.findall("<script", raw)) == 1 and '<script src="site.js"></script>' in raw
        assert not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', raw)), "a handler in a tag"
        assert not any(address.startswith("javascript:") for address in reader.addresses)
        assert str(7 * 191191) not in raw, "a template in a template"
    text = "".join(Reader((tmp_path / "site" / "softmax.html").read_text(encoding="utf-8")).text)
    assert text.count("<script>alert(1)</script>") > 5, "they are shown, as text"
    for figure in (tmp_path / "site" / "figures").glob("*.svg"):
        drawn = figure.read_text(encoding="utf-8")
        assert "<script" not in drawn and "onerror=" not in re.sub(r"<!--.*?-->", "", drawn, flags=re.DOTALL)
    assert not list(tmp_path.parent.rglob("*climbed-out*/*")) and not list(tmp_path.glob("climbed-out*"))


def test_a_hostile_name_or_source_of_ones_own_pair_stays_text(tmp_path, monkeypatch):
    import dataclasses

    program = f"import tensorflow as tf\n\n# --- <script>alert(1)</script> ---\n\nx = tf.log({HOSTILE!r})\n"
    (tmp_path / "hostile_program.py").write_text(program)
    monkeypatch.syspath_prepend(str(tmp_path))
    mine = dataclasses.replace(
        ROWS["softmax"], name="mine", title=HOSTILE, legacy="hostile_program", twin="hostile_program"
    )
    page.write([mine], str(tmp_path / "site"))
    for path in (tmp_path / "site").glob("*.html"):
        raw = path.read_text(encoding="utf-8")
        Reader(raw)
        assert len(re.findall("<script", raw)) == 1
    for name in ("../climbed", "javascript:alert(1)", "", "a b", "<b>"):
        with pytest.raises(UserError, match="letters, digits"):
            registry.register(dataclasses.replace(mine, name=name))
