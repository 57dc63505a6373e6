"""The site: an index, a page for each pair, the ledger. Static files that need no network."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tfport import data, startup
from tfport.compare import results, words
from tfport.compare.constructs import entries, shown_by
from tfport.compare.highlight import highlight, slug
from tfport.compare.ledger import LEDGER, Entry
from tfport.compare.sections import Section, sections
from tfport.compare.words import About, Words
from tfport.errors import UserError
from tfport.files import is_left_over, write_text
from tfport.flags import folder
from tfport.registry import OWN_DATA, Tutorial

MARK = "<!-- written by tfport compare -->"  # in every page: what may be written over
SIDES = tuple(results.PROGRAMS)
CONTESTANTS = ("TF1", "Keras fit", "tfport", "tfport bfloat16", "PyTorch", "JAX")


def write(pairs: Sequence[Tutorial], into: str, measured: Path = results.RESULTS) -> str:
    """Write the site; returns a sentence that says where it is.

    Args:
        pairs: which pairs get a page.
        into: folder; made where it is not there.
        measured: folder of ``reproduce.json``, ``bench.json`` and ``parity.json``; each may be missing.

    Raises:
        UserError: the folder cannot be written, or holds files and is no site that was written here.
    """
    site = folder("--html", into)
    startup.prepare()
    facts = Facts(measured)
    environment = _environment()
    index = site / "index.html"
    pages = [index, *(site / f"{name}.html" for name in ("ledger", *(pair.name for pair in pairs)))]
    strange = [path for path in pages if path.exists() and not _is_ours(path)]
    if strange or not (index.exists() or all(map(is_left_over, site.iterdir()))):
        raise UserError(f"--html {into}: holds files that are no site of ours; name another folder")
    covered = {pair.name: sections(pair) for pair in pairs}
    shared: dict[str, Any] = {"pairs": pairs, "facts": facts, "about": about, "page": words.PAGE}
    write_text(
        index, environment.get_template("index.html").render(shared, name="index", heading=_heading(words.PAGE["site"]))
    )
    figures = folder("--html", str(site / "figures"))  # after the index, by which this folder is known again
    for asset in ("site.css", "site.js"):
        write_text(site / asset, environment.loader.get_source(environment, asset)[0])  # type: ignore[union-attr]
    write_text(
        site / "ledger.html",
        environment.get_template("ledger.html").render(
            shared,
            name="ledger",
            heading=_heading(words.PAGE["ledger"]),
            ledger=LEDGER,
            shown_by=shown_by(pairs),
            topics=list(dict.fromkeys(e.topic for e in LEDGER)),
        ),
    )
    template = environment.get_template("pair.html")
    for place, pair in enumerate(pairs):
        text = template.render(
            shared,
            name=pair.name,
            heading=_heading(about(pair).title, pair.name),
            pair=pair,
            previous=pairs[place - 1] if place else None,
            following=pairs[place + 1] if place + 1 < len(pairs) else None,
            sections=covered[pair.name],
            used=entries(piece.source for section in covered[pair.name] for piece in section.old),
            entries_of=entries_of,
            own_data=pair.sources == OWN_DATA,
            charts=facts.draw(pair, figures),
        )
        write_text(site / f"{pair.name}.html", text)
    return f"{len(pairs)} pairs: open {site / 'index.html'} in a browser"


def _is_ours(page: Path) -> bool:
    return page.is_file() and MARK in page.read_text("utf-8", errors="replace")


def about(pair: Tutorial) -> About:
    """What the pages say of a pair; of somebody's own its title alone."""
    return words.PAIRS.get(pair.name) or About(Words(pair.title, pair.title), Words("", ""))


def _heading(text: Words, name: str = "") -> Words:
    """The title of a page's window."""
    before = f"tfport: {name}, " if name else "tfport: "
    return Words(before + text.en, before + text.ko)


def entries_of(section: Section) -> list[Entry]:
    """What the ledger says of a section's TF1 constructs."""
    return entries(piece.source for piece in section.old)


class Facts:
    """What was measured.

    Args:
        measured: folder of the files of results.
    """

    def __init__(self, measured: Path) -> None:
        def read(name: str, otherwise: Any) -> Any:
            path = measured / name
            return results.read_json(path) if path.is_file() else otherwise

        self._digits: data.Digits | None = None
        self._reproduced = read("reproduce.json", {"entries": []})["entries"]
        speed = read("bench.json", {}).get("speed", {"rows": []})
        self._speed = {row["name"]: row for row in speed["rows"]}
        self.processor = speed.get("processor", "")
        self.speed_versions = _versions(speed.get("versions", {}))
        parity = read("parity.json", [])
        self._ladders = {ladder["name"]: ladder for ladder in (parity if isinstance(parity, list) else [parity])}

    def entries(self, pair: Tutorial) -> list[dict[str, Any]]:
        """The rows of a pair's reproduction, one for each of its variants."""
        return [entry for entry in self._reproduced if entry["name"].split(" ")[0] == pair.name]

    def outcomes(self, pair: Tutorial) -> list[dict[str, Any]]:
        """Its results in words."""
        found = []
        for entry in self.entries(pair):
            measure, printed = entry["measure"], entry["printed"]
            old, new = (_told(results.summary, results.ends(entry, side), measure) for side in SIDES)
            found.append(
                {
                    "name": entry["name"],
                    "old": old,
                    "new": new,
                    "printed": Words("–", "–") if printed is None else _told(results.figure, printed, measure),
                    "difference": _told(results.difference, entry),
                    "runs": len(entry["runs"]),
                    "steps": entry["steps"],
                    "at": entry["at"],
                    "data": entry["data"]["title"],
                    "versions": _versions(entry["versions"]),
                    "cpu": entry["cpu"],
                }
            )
        return found

    def ladder(self, pair: Tutorial) -> dict[str, Any] | None:
        """What its climb measured, the fifth rung from its reproduction."""
        ladder = self._ladders.get(pair.name)
        checks = [check for check in (ladder["checks"] if ladder else []) if check["rung"] < 5]
        for entry in self.entries(pair):
            checks += [{**check, "variant": entry["name"]} for check in entry["checks"]]
        if not checks:
            return None
        return {"checks": checks, "passed": all(check["passed"] for check in checks)}

    def rungs(self, pair: Tutorial) -> list[tuple[int, bool, Words]]:
        """Of each rung climbed: number, whether it passed, and the comparison that used most of what is allowed."""
        ladder = self.ladder(pair)
        found = []
        for rung in words.RUNGS if ladder else ():
            checks = [check for check in ladder["checks"] if check["rung"] == rung]  # type: ignore[index]
            judged = [check for check in checks if check["limit"] is not None]
            if judged:
                worst = max(judged, key=_share)
                found.append((rung, all(check["passed"] for check in checks), _measured(worst)))
        return found

    def speed(self, pair: Tutorial) -> list[dict[str, Any]]:
        """Time of a step by contestant, and what part of the slowest that is."""
        row = self._speed.get(pair.name)
        if row is None:
            return []
        times = {name: row["contestants"][name] for name in CONTESTANTS if name in row["contestants"]}
        most = max(each["step"] for each in times.values())
        return [
            {"name": name, "time": _time(each["step"]), "share": each["step"] / most, "ratio": each["ratio"]}
            for name, each in times.items()
        ]

    def ratio(self, pair: Tutorial) -> str:
        """How many times as long a TF1 step takes."""
        row = self._speed.get(pair.name)
        if row is None:
            return ""
        ratio = row["contestants"]["TF1"]["ratio"]
        return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 2 else f"{ratio:.2f}"

    def draw(self, pair: Tutorial, figures: Path) -> Drawn:
        """Draw its figures."""
        drawn = Drawn()
        for entry in self.entries(pair):
            name = _file_name(entry)
            for quantity in results.quantities(entry):
                path = figures / f"{name}-{quantity}.svg"
                results.draw_curves(entry, path, quantity)
                drawn.curves.append((path.name, _curve(entry, quantity)))
            if entry["edges"]:
                path = figures / f"{name}-ends.svg"
                results.draw_ends(entry, path)
                drawn.curves.append((path.name, _say("ends", name=entry["name"], runs=len(entry["runs"]))))
            if pair.sources != OWN_DATA and self._test(entry) is None:
                drawn.notes.append(words.PAGE["no digits"])
            self._draw_learned(pair, entry, figures, drawn)
        return drawn

    def _draw_learned(self, pair: Tutorial, entry: dict[str, Any], figures: Path, drawn: Drawn) -> None:
        test = self._test(entry)
        for kind in ("learned", "filters", "misread"):
            for side, program in results.PROGRAMS.items():  # one beside the other
                facts = {"name": entry["name"], "program": program}
                path = figures / f"{_file_name(entry)}-{program.lower()}-{kind}.svg"
                if kind == "learned" and not results.is_finite(entry, side):
                    drawn.notes.append(_say("no figure", **facts))
                elif (
                    (kind == "learned" and results.draw_learned(pair, entry, side, path))
                    or (kind == "filters" and results.draw_filters(entry, side, path))
                    or (kind == "misread" and test is not None and results.draw_misread(entry, side, test, path))
                ):
                    drawn.learned.append((path.name, _say(f"figure {kind}", **facts)))

    def _test(self, entry: dict[str, Any]) -> data.Split | None:
        """The test images of a reproduction, if they are on this machine."""
        if self._digits is None:
            try:
                self._digits = data.load("mnist", download=False)
            except UserError:
                self._digits = data.load("fake")  # whose checksum is nobody's
        return self._digits.test if self._digits.sha256 == entry["data"]["sha256"] else None


@dataclass
class Drawn:
    """Figures of a pair as file and description: learning curves, what was learned; and why some are missing."""

    curves: list[tuple[str, Words]] = field(default_factory=list)
    learned: list[tuple[str, Words]] = field(default_factory=list)
    notes: list[Words] = field(default_factory=list)


def _curve(entry: dict[str, Any], quantity: str) -> Words:
    """What a chart of learning curves shows."""

    def told(language: words.Language) -> str:
        came = {side: results.summary(results.ends(entry, side, quantity), quantity, language) for side in SIDES}
        return (
            words.PAGE["curve"]
            .in_(language)
            .format(
                name=entry["name"],
                quantity=words.RESULTS_SAY[quantity].in_(language),
                came=words.PAGE["came to"].in_(language).format(**came),
            )
        )

    return Words(told("en"), told("ko"))


def _file_name(entry: dict[str, Any]) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", entry["name"])


def _told(function: Callable[..., str], *arguments: Any) -> Words:
    return Words(function(*arguments), function(*arguments, language="ko"))


def _say(key: str, **facts: Any) -> Words:
    return Words(*(text.format(**facts) for text in words.PAGE[key]))


def _share(check: dict[str, Any]) -> float:
    """How much of what is allowed was used."""
    measured = float(check["measured"])
    return measured / check["limit"] if check["limit"] else float(measured > 0)


def _measured(check: dict[str, Any]) -> Words:
    figures = f"{float(check['measured']):.3g} ≤ {check['limit']:.3g}"
    return Words(*(f"{name}: {figures}" for name in words.check(check["name"])))


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.9995 * size:  # three digits of less would be a thousand of the next unit
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _versions(found: dict[str, Any]) -> str:
    shown = {"tensorflow": "TensorFlow", "tf-keras": "tf-keras", "keras": "Keras", "numpy": "NumPy"}
    return ", ".join(f"{title} {found[name]}" for name, title in shown.items() if name in found)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tfport.compare"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"code": highlight, "slug": slug, "both": both, "switched": switched, "number": _number}
    environment.globals |= {"words": words, "mark": Markup(MARK)}  # noqa: S704 a constant
    return environment


def prose(text: str) -> Markup:
    """Text whose parts between backticks are code."""
    parts = re.split(r"`([^`]*)`", text)
    html = "".join(f"<code>{escape(part)}</code>" if place % 2 else escape(part) for place, part in enumerate(parts))
    return Markup(html)  # noqa: S704 escaped above


def both(text: Any) -> Markup:
    """A text in both languages, of which the page shows one."""
    if text.en == text.ko:
        return prose(text.en)
    spans = (f'<span lang="{language}">{prose(getattr(text, language))}</span>' for language in ("en", "ko"))
    return Markup("".join(spans))  # noqa: S704 escaped above


def switched(text: Words, attribute: str = "", before: str = "") -> Markup:
    """Attributes of an element whose text (or whose attribute of that name) goes with the language."""
    given = {"data-en": before + text.en, "data-ko": before + text.ko}
    if attribute:
        given = {attribute: before + text.en, "data-says": attribute, **given}
    return Markup(" ".join(f'{name}="{escape(value)}"' for name, value in given.items()))  # noqa: S704 escaped


def _number(value: float) -> str:
    return f"{float(value):.3g}"
