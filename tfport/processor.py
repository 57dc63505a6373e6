"""Processors that promise more than they keep: TensorFlow must be told before it computes."""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import sys
from pathlib import Path

# A function (leaf, subleaf, where to) that has CPUID write eax, ebx, ecx and edx there; rbx belongs to the caller.
_CPUID = bytes.fromhex("53 4989d0 89f8 89f1 0fa2 418900 41895804 41894808 4189500c 5b c3")
_TILES = 0x1D  # the leaf that says which shapes AMX's tiles can have


def spare_amx() -> None:
    """Keep TensorFlow from matrix tiles (Intel AMX) on a virtual machine that lists them and hides their description.

    oneDNN then sets the tiles up with nothing, and the first product in bfloat16 ends the process with an illegal
    instruction. With ``ONEDNN_MAX_CPU_ISA``, unless the user has set it, it takes AVX-512's bfloat16.
    """
    if lists_amx() and cpuid(_TILES) == (0, 0, 0, 0):
        os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_FP16")


def lists_amx() -> bool:
    """Whether the machine says that it has matrix tiles."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return any("amx_tile" in line.split() for line in lines if line.startswith("flags"))


def cpuid(leaf: int) -> tuple[int, ...] | None:
    """What CPUID answers: eax, ebx, ecx, edx; None where it cannot be asked (another processor, a strict system)."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return None
    try:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    except OSError:
        return None
    page.write(_CPUID)
    result = (ctypes.c_uint32 * 4)()
    held = ctypes.c_char.from_buffer(page)
    kind = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_uint32, ctypes.POINTER(ctypes.c_uint32))
    kind(ctypes.addressof(held))(leaf, 0, result)
    del held
    page.close()
    return tuple(result)
