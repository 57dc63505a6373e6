"""Where a process and those that it started listen, as Linux's kernel tells it."""

from __future__ import annotations

import contextlib
import re
import socket
from pathlib import Path


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found, parents = [pid], {}
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            parents[int(status.parent.name)] = int(re.search(r"PPid:\s(\d+)", status.read_text())[1])
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def sockets(pid: int) -> set[str]:
    """Numbers of a process's sockets."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            match = re.fullmatch(r"socket:\[(\d+)\]", link.readlink().name)
            found |= {match[1]} if match else set()
    return found


def listening(pid: int) -> set[tuple[str, int]]:
    """Addresses and ports (TCP) at which a process or a descendant of it waits for calls."""
    found = set()
    for each in family(pid):
        with contextlib.suppress(OSError):  # it has ended
            own = sockets(each)
            for table, kind in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
                for line in Path(f"/proc/{each}/net/{table}").read_text().splitlines()[1:]:
                    words = line.split()
                    if words[3] == "0A" and words[9] in own:  # LISTEN
                        address, port = words[1].split(":")
                        # each word of four bytes is written as the machine's number
                        packed = b"".join(bytes.fromhex(address[n : n + 8])[::-1] for n in range(0, len(address), 8))
                        found.add((socket.inet_ntop(kind, packed), int(port, 16)))
    return found


def other_address() -> str | None:
    """An address of this machine that is not the loopback interface's; None where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked, contextlib.suppress(OSError):
        asked.connect(("192.0.2.254", 9))  # sends nothing; TEST-NET-1, RFC 5737
        return asked.getsockname()[0]
    return None
