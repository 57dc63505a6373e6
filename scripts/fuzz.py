"""Breaks MNIST files at random and reads them, for as long as one likes.

python scripts/fuzz.py --seconds 600                     small files of its own
python scripts/fuzz.py --seconds 600 --data-dir MNIST    and now and then one of the four real ones, among the others

A broken file must be refused in one sentence that names it and ends with a way out, or hold, byte for byte, what the
reader returns; of the real ones, a file that reads as other than published must be named in the notice. Anything else
stops the run with exit code 1: another exception, more memory than the file can ask for, other data. Every case follows
from --seed and its number, so --seed S --first N repeats it.
"""

from __future__ import annotations

import collections
import gzip
import itertools
import random
import shutil
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfport import data
from tfport.data import idx, mnist
from tfport.errors import UserError
from tfport.flags import Flags, flag, run

MEMORY = 3 << 30  # bytes of address space beyond what is there at the start
SMALL = 5  # items in a file of its own
WAYS_OUT = (
    "get the file again",
    "are two files swapped?",
    "put the MNIST file there",
    "belong together",
    "add what is",
)


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags of the script."""

    seconds: int = flag(60, "how long", low=1)
    seed: int = flag(1, "of all cases", low=0)
    first: int = flag(0, "number of the first case", low=0)
    cases: int | None = flag(None, "end after so many cases, whatever --seconds says", low=1)
    data_dir: str | None = flag(
        None, "folder of the four MNIST files as published; one case in a thousand breaks one of them"
    )


# --- breaking ---

Breaker = Callable[[bytearray, random.Random], None]


def flip_bit(content: bytearray, draw: random.Random) -> None:
    content[place(content, draw)] ^= 1 << draw.randrange(8)


def set_byte(content: bytearray, draw: random.Random) -> None:
    content[place(content, draw)] = draw.randrange(256)


def set_word(content: bytearray, draw: random.Random) -> None:
    """A number of the header, or what lies where one would be."""
    at = 4 * draw.randrange(5)
    word = draw.choice([0, 1, 10, 27, 28, 29, 784, 2049, 2051, 10**6, 10**6 + 1, 2**31 - 1, 2**31, 2**32 - 1])
    content[at : at + 4] = struct.pack(">I", word)


def truncate(content: bytearray, draw: random.Random) -> None:
    del content[place(content, draw) :]


def cut_out(content: bytearray, draw: random.Random) -> None:
    start = place(content, draw)
    del content[start : start + draw.randint(1, 64)]


def insert(content: bytearray, draw: random.Random) -> None:
    start = place(content, draw)
    content[start:start] = draw.randbytes(draw.randint(1, 64))


def repeat(content: bytearray, draw: random.Random) -> None:
    start, length = place(content, draw), draw.randint(1, 2000)
    content[start:start] = content[start : start + length]


def blank(content: bytearray, draw: random.Random) -> None:
    """A block that never reached the disk."""
    start = place(content, draw) & ~511
    content[start : start + 512] = bytes(len(content[start : start + 512]))


def append(content: bytearray, draw: random.Random) -> None:
    content += draw.choice([b"\0", b"\n", bytes(600), draw.randbytes(9), gzip.compress(b"x"), bytes(content)])


def prepend(content: bytearray, draw: random.Random) -> None:
    content[0:0] = draw.choice([b"\0", b"\r\n", b"\xef\xbb\xbf", b"HTTP/1.0 200 OK\r\n\r\n", b"<html>", b"\x1f\x8b"])


def text_mode(content: bytearray, draw: random.Random) -> None:
    """What a transfer as text does."""
    content[:] = content.replace(b"\n", b"\r\n") if draw.random() < 0.5 else content.replace(b"\r", b"")


def swap(content: bytearray, draw: random.Random) -> None:
    one, two = sorted((place(content, draw), place(content, draw)))
    length = min(draw.randint(1, 200), two - one, len(content) - two)
    content[one : one + length], content[two : two + length] = (
        content[two : two + length],
        content[one : one + length],
    )


BREAKERS: tuple[Breaker, ...] = (
    flip_bit,
    set_byte,
    set_word,
    truncate,
    cut_out,
    insert,
    repeat,
    blank,
    append,
    prepend,
    text_mode,
    swap,
)


def place(content: bytearray, draw: random.Random) -> int:
    """Anywhere, and every other time near an end: headers and checksums are there."""
    if draw.random() < 0.5:
        return draw.randrange(len(content))
    near = draw.randrange(min(24, len(content)))
    return near if draw.random() < 0.6 else len(content) - 1 - near


def broken(content: bytes, draw: random.Random) -> tuple[bytes, str]:
    """Content after one to three breakers, and their names."""
    result, names = bytearray(content), []
    for breaker in draw.choices(BREAKERS, k=draw.choice([1, 1, 1, 2, 3])):
        if result:
            breaker(result, draw)
            names.append(breaker.__name__)
    return bytes(result), "+".join(names)


def wrapped(payload: bytes, draw: random.Random) -> bytes:
    """A payload plain, or packed in one of the ways that gzip knows."""
    how = draw.randrange(4)
    if how == 0:
        return payload
    if how == 1:
        middle = draw.randrange(len(payload) + 1)
        return gzip.compress(payload[:middle]) + gzip.compress(payload[middle:])  # two members are one file
    packer = zlib.compressobj(draw.choice([0, 1, 9]), zlib.DEFLATED, -15)
    deflated = packer.compress(payload) + packer.flush()
    if how == 2:
        header = struct.pack("<2sBBIBB", b"\x1f\x8b", 8, 0, draw.randrange(2**32), 0, 255)
    else:  # all the fields that a header may have
        header = struct.pack("<2sBBIBB", b"\x1f\x8b", 8, 0b11110, 0, 0, 255)
        header += struct.pack("<H", 3) + b"abc" + b"name\0" + b"comment\0"
        header += struct.pack("<H", zlib.crc32(header) & 0xFFFF)
    return header + deflated + struct.pack("<II", zlib.crc32(payload), len(payload))


# --- judging ---


class Found(Exception):
    """The reader did what it must not."""


def idx_bytes(array: np.ndarray) -> bytes:
    """The IDX file of an array."""
    head = (2051, *array.shape) if array.ndim == 3 else (2049, len(array))
    return struct.pack(f">{len(head)}I", *head) + array.tobytes()


def payload_of(content: bytes) -> bytes | None:
    """What a file holds, by another way than the reader's; None where gzip cannot tell."""
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error, struct.error):
        return None


def refusal(error: UserError, path: Path) -> str:
    """The refusal, checked."""
    sentence = str(error)
    if str(path) not in sentence or "\n" in sentence or not any(way in sentence for way in WAYS_OUT):
        raise Found(f"a refusal that names no file or no way out: {sentence}")
    return sentence


def read_one(path: Path, content: bytes, images: bool, original: np.ndarray) -> str:
    """Read a file of that content; returns "refused", "same" or "other", which is what it now holds.

    Raises:
        Found: the reader returned what the file does not hold, or failed in another way.
    """
    path.write_bytes(content)
    try:
        array = (idx.read_images if images else idx.read_labels)(path)
    except UserError as error:
        refusal(error, path)
        return "refused"
    except Exception as error:
        raise Found(f"{type(error).__name__}: {error}") from error
    return judged(array, content, original)


def judged(array: np.ndarray, content: bytes, original: np.ndarray) -> str:
    """What the reader made of a file's content: "same" as the original, or "other", which is what the file now holds.

    Raises:
        Found: the file does not hold it.
    """
    if idx_bytes(array) != payload_of(content):
        raise Found("the reader returned what the file does not hold")
    return "same" if np.array_equal(array, original) else "other"


def read_all(folder: Path, which: int, content: bytes) -> str:
    """Read the four published files, one of them with that content; returns "refused", "same" or "named".

    Raises:
        Found: other data came without a word about the file, or the reader failed in another way.
    """
    name = f"{mnist.FILES[which].name}.gz"
    (folder / name).write_bytes(content)
    try:
        digits = data.read("mnist", folder)
    except UserError as error:
        refusal(error, folder / name)
        return "refused"
    except Exception as error:
        raise Found(f"{type(error).__name__}: {error}") from error
    if digits.sha256 == mnist.SHA256 and not digits.notice:
        return "same"
    if "NOT the original MNIST" not in digits.notice or f"Unknown: {name} (" not in digits.notice:
        raise Found(f"other data than MNIST's, and the notice says: {digits.notice!r}")
    return "named"


# --- program ---


def small_file(draw: random.Random) -> tuple[np.ndarray, bool]:
    """Items of a small file, and whether they are images."""
    images, count = draw.random() < 0.5, draw.randint(1, SMALL)
    random_bytes = np.random.RandomState(draw.randrange(2**32))
    shape, top = ((count, 28, 28), 256) if images else ((count * 40,), 10)
    return random_bytes.randint(0, top, shape).astype(np.uint8), images


def case(seed: int, number: int, folder: Path, published: Path | None) -> tuple[str, str]:
    """One case; returns how the file was broken, and what came of it."""
    draw = random.Random(f"{seed} {number}")  # noqa: S311
    if published is not None and number % 1000 == 0:
        which = draw.randrange(4)
        kept = (published / f"{mnist.FILES[which].name}.gz").read_bytes()
        # Broken as published; unpacked; or unpacked, broken and packed again, so that its checksum is right.
        how = draw.choice(["packed", "plain", "packed anew"])
        content, names = broken(kept if how == "packed" else gzip.decompress(kept), draw)
        outcome = read_all(folder, which, gzip.compress(content, 1) if how == "packed anew" else content)
        shutil.copyfile(published / f"{mnist.FILES[which].name}.gz", folder / f"{mnist.FILES[which].name}.gz")
        return f"MNIST, {how}", outcome
    items, images = small_file(draw)
    payload = idx_bytes(items)
    if draw.random() < 0.3:
        payload, names = broken(payload, draw)  # inside: a checksum that is right, of wrong content
        content, where = wrapped(payload, draw), "inside"
    else:
        content, names = broken(wrapped(payload, draw), draw)
        where = "packed" if content[:2] == b"\x1f\x8b" else "plain"
    outcome = read_one(folder / "case", content, images, items)
    return f"{where}, {names if '+' not in names else 'several'}", outcome


def numbers(config: Config) -> Iterator[int]:
    end = time.monotonic() + config.seconds
    for number in itertools.count(config.first):
        enough = number - config.first >= config.cases if config.cases else time.monotonic() > end
        if enough:
            return
        yield number


def limit_memory() -> None:
    """An error, not the whole machine, where the reader takes what a file only claims to hold."""
    try:
        import resource
    except ImportError:  # Windows
        return
    pages = Path("/proc/self/statm")
    now = int(pages.read_text().split()[0]) * resource.getpagesize() if pages.exists() else 0
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def main(argv: Sequence[str] | None = None) -> int:
    """Run cases until time is over; print what came of them, or the one that must not be; returns the exit code."""
    config = Config.parse(argv, prog="python scripts/fuzz.py", description=__doc__.splitlines()[0])
    published = None if config.data_dir is None else Path(config.data_dir).expanduser()
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    slowest, began = (0.0, -1), time.monotonic()
    limit_memory()
    print(f"seed {config.seed}, from case {config.first}", flush=True)
    with tempfile.TemporaryDirectory(prefix="tfport-fuzz-") as temporary:
        folder = Path(temporary)
        if published is not None:
            if data.read("mnist", published).sha256 != mnist.SHA256:
                raise UserError(f"--data-dir {published}: is not MNIST as published")
            for file in mnist.FILES:
                shutil.copyfile(published / f"{file.name}.gz", folder / f"{file.name}.gz")
        for number in numbers(config):
            start = time.monotonic()
            try:
                counts[case(config.seed, number, folder, published)] += 1
            except Found as error:
                print(f"case {number}: {error}; repeat it by --seed {config.seed} --first {number} --cases 1")
                return 1
            slowest = max(slowest, (time.monotonic() - start, number))
    total = collections.Counter()
    for (how, outcome), count in sorted(counts.items()):
        print(f"{how:<28} {outcome:<8} {count:>9,}")
        total[outcome] += count
    parts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(total.items()))
    print(f"{sum(total.values()):,} cases in {time.monotonic() - began:.0f} s: {parts}; slowest: case {slowest[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(run(main))
