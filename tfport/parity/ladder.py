"""Climbs the ladder for a pair and puts the comparisons into a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfport import versions
from tfport.data import Digits, Problem
from tfport.parity.checks import Check
from tfport.parity.rungs import RUNGS, Options
from tfport.parity.sides import Pair

TITLES = {1: "variables", 2: "forward", 3: "loss and gradients", 4: "lockstep", 5: "trained"}


@dataclass(frozen=True)
class Ladder:
    """The outcome of a climb: which pair, on which data, what was compared."""

    name: str
    source: str
    title: str
    sha256: str
    options: Options
    checks: list[Check]

    @property
    def passed(self) -> bool:
        """Whether every comparison was within its limit."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    def table(self) -> str:
        """The comparisons rung by rung, as lines of text."""
        mode = "deterministic operations" if self.options.exact else "ordinary operations"
        lines = [f"parity of {self.name} on {self.title} ({mode})"]
        width = max(len(check.name) for check in self.checks)
        for rung, title in TITLES.items():
            rows = [check for check in self.checks if check.rung == rung]
            if rows:
                lines.append(f"{rung} {title}")
            for check in rows:
                verdict = "FAIL" if not check.passed else "    " if check.limit is None else "ok  "
                limit = "" if check.limit is None else f"<= {check.limit:g}"
                row = f"  {verdict} {check.name:<{width}}  {check.measured:>10.3g}  {limit:<9}  {check.detail}"
                lines.append(row.rstrip())
        failed = sum(not check.passed for check in self.checks)
        lines.append(f"{len(self.checks) - failed} of {len(self.checks)} comparisons within their limits")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The same for programs, with the versions it was measured with."""
        rows = [{**vars(check), "passed": check.passed} for check in self.checks]
        options = {name: value for name, value in vars(self.options).items() if name != "progress"}
        return {
            **vars(self),
            "options": options,
            "checks": rows,
            "passed": self.passed,
            "versions": versions.describe(),
        }


def climb(
    pair: Pair, data: Digits | Problem, rungs: Sequence[int] = (1, 2, 3, 4, 5), options: Options | None = None
) -> Ladder:
    """Climb the rungs in order; a failed rung does not stop the climb, so that all of the damage is seen.

    Args:
        pair: the two programs.
        data: what both learn from.
        rungs: which rungs, of 1 to 5.
        options: how.

    Returns:
        Every comparison made.

    Raises:
        UserError: a program refuses one of ``options.settings``, or has an optimizer that cannot be opened.
    """
    options = options or Options()
    checks: list[Check] = []
    for rung in rungs:
        options.progress(f"rung {rung}: {TITLES[rung]}")
        checks += RUNGS[rung](pair, data, options)
    return Ladder(pair.name, data.source, data.title, data.sha256, options, checks)
