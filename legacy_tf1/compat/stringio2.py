"""``StringIO`` and ``cStringIO``: files in memory that hold text or bytes, by what is written first."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any


class StringIO:
    """A file in memory.

    Args:
        content: text, bytes, or nothing yet.
    """

    def __init__(self, content: str | bytes = "") -> None:
        self._file: io.BytesIO | io.StringIO | None = None
        if content:
            self._hold(content).write(content)
            self.seek(0)

    def _hold(self, content: Any) -> Any:
        is_text = isinstance(content, str)
        if self._file is None:
            self._file = io.StringIO() if is_text else io.BytesIO()
        elif isinstance(self._file, io.StringIO) and not is_text:
            before, self._file = self._file.getvalue(), io.BytesIO()
            self._file.write(before.encode("utf-8"))
        return self._file

    def write(self, content: Any) -> int:
        """Write text or bytes."""
        file = self._hold(content)
        if isinstance(file, io.BytesIO) and isinstance(content, str):
            content = content.encode("utf-8")
        return int(file.write(content))

    def writelines(self, lines: Any) -> None:
        """Write each of them."""
        for line in lines:
            self.write(line)

    def getvalue(self) -> str | bytes:
        """All that it holds."""
        return "" if self._file is None else self._file.getvalue()

    buf = property(getvalue)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self._file is None:
            self._file = io.BytesIO()  # whoever asks a file first for its place is about to write bytes
        return getattr(self._file, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file or ())

    def __enter__(self) -> StringIO:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


__all__ = ["StringIO"]
