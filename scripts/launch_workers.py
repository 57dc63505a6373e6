"""Starts several workers of one program on this machine, and ends them when one of them fails.

python scripts/launch_workers.py 2 python -m tfport.cnn --strategy multiworker

Every worker finds the others in TF_CONFIG, on ports of the loopback interface. TensorFlow itself waits for ever for a
worker that does not come; here --deadline ends the wait. The first worker's output is shown; of a worker that fails
the last lines are.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfport.errors import UserError
from tfport.flags import Flags, flag, run

GRACE = 5.0  # seconds between asking a worker to end and ending it
TAIL = 15  # lines of a failed worker


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags before the number of workers."""

    deadline: float = flag(86_400.0, "seconds after which the job is ended", above=0)


@dataclass
class Worker:
    """A child process and the file that holds what it said."""

    index: int
    process: subprocess.Popen[bytes]
    said: Any

    def tail(self) -> str:
        self.said.seek(0)
        lines = self.said.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-TAIL:])


def main(argv: Sequence[str] | None = None) -> int:
    """Start the workers, wait for them; returns the exit code of the first one that failed, or 0."""
    words = list(sys.argv[1:] if argv is None else argv)
    split = next(
        (i for i, word in enumerate(words) if word.isdigit() and (i == 0 or words[i - 1] != "--deadline")), None
    )
    given, rest = (words, []) if split is None else (words[:split], words[split:])
    config = Config.parse(
        given, prog="python scripts/launch_workers.py", description="Start N workers: [flags] N command ..."
    )
    if len(rest) < 2 or int(rest[0]) < 1:
        raise UserError("launch_workers takes the number of workers, from 1 on, and then the command they all run")
    return launch(int(rest[0]), rest[1:], config.deadline)


def launch(number: int, command: Sequence[str], deadline: float) -> int:
    """Run the command in so many workers.

    Returns:
        0 where all of them returned 0; else the exit code of the first that failed, 1 where a signal ended it.

    Raises:
        UserError: the command cannot be started, or the deadline has passed.
    """
    ends = time.monotonic() + deadline
    with contextlib.ExitStack() as stack:
        workers = _started(number, command, stack)
        while True:
            codes = [worker.process.poll() for worker in workers]
            failed = next((worker for worker, code in zip(workers, codes, strict=True) if code), None)
            if failed is not None:
                code = failed.process.returncode
                how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"left with {code}"
                print(
                    f"worker {failed.index} of {number} {how}; the others are ended\n{failed.tail()}", file=sys.stderr
                )
                return max(code, 1)
            if all(code == 0 for code in codes):
                return 0
            if time.monotonic() > ends:
                late = ", ".join(str(worker.index) for worker, code in zip(workers, codes, strict=True) if code is None)
                raise UserError(f"--deadline {deadline:g}: workers {late} have not finished in time and are ended")
            time.sleep(0.1)


def _started(number: int, command: Sequence[str], stack: contextlib.ExitStack) -> list[Worker]:
    addresses = [f"127.0.0.1:{port}" for port in free_ports(number)]
    workers: list[Worker] = []
    stack.callback(lambda: [_end(worker.process) for worker in workers])
    for index in range(number):
        cluster = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        said = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        try:
            process = subprocess.Popen(  # noqa: S603
                list(command),
                env={**os.environ, "TF_CONFIG": json.dumps(cluster)},
                stdout=None if index == 0 else said,
                stderr=said,
            )
        except OSError as error:
            raise UserError(f"{command[0]}: cannot be started ({error.strerror})") from error
        workers.append(Worker(index, process, said))
    return workers


def free_ports(number: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on just now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a child, politely at first; one that has ended is left alone."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(run(main))
