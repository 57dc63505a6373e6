"""Ctrl-C and SIGTERM while a model trains: heard at once, obeyed between two steps."""

from __future__ import annotations

import signal
import threading
from typing import Any, ClassVar


class Stop:
    """A context in which a signal to end is noted; the second one ends the process as ever.

    Only in the main thread, which alone may handle signals, and only where nobody else handles or ignores them.

    Attributes:
        signal: the one that came; None as long as none did.
    """

    HANDLED: ClassVar = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}

    def __init__(self) -> None:
        self.signal: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stop:
        if threading.current_thread() is threading.main_thread():
            for number, usual in self.HANDLED.items():
                if signal.getsignal(number) == usual:
                    self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *exception: Any) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _hear(self, number: int, frame: Any) -> None:
        self.signal = number
        self.__exit__()

    def obey(self) -> None:
        """Leave, as the signal asked.

        Raises:
            KeyboardInterrupt: after Ctrl-C.
            SystemExit: after SIGTERM, with 143, as a shell expects of a program that was ended.
        """
        if self.signal == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + int(signal.SIGTERM))
