"""Tables that scripts keep in README, between marks."""

from __future__ import annotations

from pathlib import Path

from tfport.errors import UserError
from tfport.files import write_text


def around_marks(path: Path, name: str) -> tuple[str, str]:
    """What of a file stands before the first mark of that name, the mark with it, and from the second mark on.

    Raises:
        UserError: it cannot be read, or has not both marks, once each and in that order.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    try:
        with path.open(encoding="utf-8", newline="") as file:  # line ends stay as they are
            whole = file.read()
    except (OSError, ValueError) as error:
        raise UserError(f"--readme {path}: cannot be read ({error})") from error
    if whole.count(begin) != 1 or whole.count(end) != 1 or whole.index(end) < whole.index(begin):
        raise UserError(f"--readme {path}: must hold {begin} and {end} once each, in that order")
    return whole[: whole.index(begin) + len(begin)], whole[whole.index(end) :]


def replace(path: Path, name: str, text: str) -> None:
    """Put a text between the marks; the rest of the file is kept."""
    before, after = around_marks(path, name)
    write_text(path, f"{before}\n{text}\n{after}")
