"""The site: an index, a page for each pair, the ledger. Static files that need no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tfport import startup
from tfport.compare import results, words
from tfport.compare.constructs import entries
from tfport.compare.highlight import highlight, slug
from tfport.compare.ledger import LEDGER, Entry
from tfport.compare.sections import Section, sections
from tfport.compare.words import About, Words
from tfport.errors import UserError
from tfport.flags import folder
from tfport.registry import OWN_DATA, Tutorial
from tfport.training.runs import write_text

MARK = "<!-- written by tfport compare -->"  # in every page: what may be written over
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
    startup.prepare()
    site = folder("--html", into)
    facts = Facts(measured)
    environment = _environment()
    index = site / "index.html"
    pages = [index, *(site / f"{name}.html" for name in ("ledger", *(pair.name for pair in pairs)))]
    strange = [path for path in pages if path.exists() and MARK not in path.read_text("utf-8", errors="replace")]
    if strange or (any(site.iterdir()) and not index.exists()):
        raise UserError(f"--html {into}: holds files that are no site of ours; name another folder")
    figures = folder("--html", str(site / "figures"))
    covered = {pair.name: sections(pair) for pair in pairs}
    used = {name: entries(piece.source for part in parts for piece in part.old) for name, parts in covered.items()}
    shared: dict[str, Any] = {"pairs": pairs, "facts": facts, "about": about, "page": words.PAGE}
    write_text(index, environment.get_template("index.html").render(shared, name="index"))
    for asset in ("site.css", "site.js"):
        write_text(site / asset, environment.loader.get_source(environment, asset)[0])  # type: ignore[union-attr]
    shown_by = {entry: [name for name, found in used.items() if entry in found] for entry in LEDGER}
    write_text(
        site / "ledger.html",
        environment.get_template("ledger.html").render(
            shared, name="ledger", ledger=LEDGER, shown_by=shown_by, topics=list(dict.fromkeys(e.topic for e in LEDGER))
        ),
    )
    template = environment.get_template("pair.html")
    for place, pair in enumerate(pairs):
        text = template.render(
            shared,
            name=pair.name,
            pair=pair,
            previous=pairs[place - 1] if place else None,
            following=pairs[place + 1] if place + 1 < len(pairs) else None,
            sections=covered[pair.name],
            used=used[pair.name],
            entries_of=entries_of,
            own_data=pair.sources == OWN_DATA,
            charts=facts.draw(pair, figures),
        )
        write_text(site / f"{pair.name}.html", text)
    return f"{len(pairs)} pairs: open {site / 'index.html'} in a browser"


def about(pair: Tutorial) -> About:
    """What the pages say of a pair; of somebody's own its title alone."""
    return words.PAIRS.get(pair.name) or About(Words(pair.title, pair.title), Words("", ""))


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
            old, new = (results.summary(results.ends(entry, side), entry["measure"]) for side in ("old", "new"))
            printed = entry["printed"]
            found.append(
                {
                    "name": entry["name"],
                    "old": old,
                    "new": new,
                    "printed": "–" if printed is None else results.figure(printed, entry["measure"]),
                    "difference": results.difference(entry),
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

    def rungs(self, pair: Tutorial) -> list[tuple[int, bool, str]]:
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

    def draw(self, pair: Tutorial, figures: Path) -> dict[str, list[tuple[str, str]]]:
        """Draw its figures; returns file and description of each, "curves" and what was "learned"."""
        drawn: dict[str, list[tuple[str, str]]] = {"curves": [], "learned": []}
        for entry in self.entries(pair):
            title, name = entry["name"], entry["name"].replace(" ", "-")
            for quantity in results.quantities(entry):
                path = figures / f"{name}-{quantity}.svg"
                told = results.draw_curves(entry, path, quantity)
                drawn["curves"].append((path.name, f"{quantity} against steps. {told}"))
            if entry["edges"]:
                path = figures / f"{name}-ends.svg"
                results.draw_ends(entry, path)
                told = f"{title}: histograms of the final losses of {len(entry['runs'])} starts, TF1 above Keras"
                drawn["curves"].append((path.name, told))
            for side, program in (("old", "TF1"), ("new", "Keras")):
                path = figures / f"{name}-{program.lower()}.svg"
                if results.draw_learned(pair, entry, side, path):
                    drawn["learned"].append((path.name, f"{title}: what the {program} program has learned"))
        return drawn


def _share(check: dict[str, Any]) -> float:
    """How much of what is allowed was used."""
    measured = float(check["measured"])
    return measured / check["limit"] if check["limit"] else float(measured > 0)


def _measured(check: dict[str, Any]) -> str:
    return f"{check['name']}: {float(check['measured']):.3g} ≤ {check['limit']:.3g}"


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _versions(found: dict[str, Any]) -> str:
    shown = {"tensorflow": "TensorFlow", "tf-keras": "tf-keras", "keras": "Keras", "numpy": "NumPy"}
    return ", ".join(f"{title} {found[name]}" for name, title in shown.items() if name in found)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tfport.compare"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"code": highlight, "slug": slug, "prose": prose, "both": both, "number": _number}
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


def _number(value: float) -> str:
    return f"{float(value):.3g}"
