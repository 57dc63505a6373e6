"""Starts several workers of one program on this machine, and ends them when one of them fails.

python scripts/launch_workers.py 2 python -m tfport.cnn --strategy multiworker

Every worker finds the others in TF_CONFIG, on ports of the loopback interface. TensorFlow's servers have no password
and listen on every interface of a machine, so on Linux the workers are given no other than that one; have the data on
the machine before. TensorFlow itself waits for ever for a worker that does not come; here --deadline ends the wait. The
first worker's output is shown; of a worker that fails the last lines are.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfport.errors import UserError
from tfport.flags import Flags, flag, run

MOST_WORKERS = 1000
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000  # unshare(2)
GET_FLAGS, SET_FLAGS, IS_UP = 0x8913, 0x8914, 1  # netdevice(7)
GRACE = 5.0  # seconds between asking a worker to end and ending it
TAIL = 15  # lines of a failed worker


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags before the number of workers."""

    deadline: float = flag(86_400.0, "seconds after which the job is ended", above=0)
    network: bool = flag(
        False, "leave the workers the network; TensorFlow then answers others there, unasked who they are"
    )


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
    if int(rest[0]) > MOST_WORKERS:
        raise UserError(f"launch_workers starts {MOST_WORKERS} workers at most, not {rest[0][:20]}")
    if config.network or not keep_to_loopback():
        print(
            "warning: TensorFlow's workers listen on every network interface of this machine and obey whoever calls; "
            "let a firewall keep others out",
            file=sys.stderr,
        )
    return launch(int(rest[0]), rest[1:], config.deadline)


def keep_to_loopback() -> bool:
    """Leave this process, and those that it starts, the loopback interface alone: a network namespace of its own.

    Returns:
        Whether that was possible: Linux alone has namespaces, and not every one lets everybody make them.

    Raises:
        UserError: it was, but the loopback interface could not be set up in it.
    """
    if sys.platform != "linux":
        return False
    import fcntl

    unshare = ctypes.CDLL(None).unshare
    user, group = os.geteuid(), os.getegid()
    if unshare(NEW_NETWORK) != 0:  # which root may, others in a user namespace of their own
        if unshare(NEW_USER | NEW_NETWORK) != 0:
            return False
        for file, text in (("setgroups", "deny"), ("gid_map", f"{group} {group} 1"), ("uid_map", f"{user} {user} 1")):
            Path("/proc/self", file).write_text(text, encoding="ascii")
    try:
        with socket.socket() as any_socket:
            # struct ifreq: the name in 16 bytes, the flags (netdevice(7))
            asked = fcntl.ioctl(any_socket, GET_FLAGS, struct.pack("16sh14x", b"lo", 0))
            (flags,) = struct.unpack("16xh14x", asked)
            fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", flags | IS_UP))
    except OSError as error:
        raise UserError(
            f"the workers' loopback interface cannot be set up ({error.strerror}); use --network"
        ) from error
    return True


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
