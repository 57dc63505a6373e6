"""Downloads that go wrong, from a server on this machine: what was there stays, and no part of a file is left."""

import contextlib
import gzip
import http.server
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tfport.data import mnist
from tfport.data.idx import DataError

NAMES = [f"{file.name}.gz" for file in mnist.FILES]
PAGE = b"<html>log in to the network first</html>"


class Server(http.server.ThreadingHTTPServer):
    """Answers every request by ``answer(handler, name of the file)``."""

    daemon_threads = True

    def __init__(self, answer):
        self.closing = threading.Event()
        self.asked: list[str] = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                with contextlib.suppress(ConnectionError):  # the client has had enough
                    answer(self, self.path.rpartition("/")[2])

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def serve():
    """Start a server that answers as the function given."""
    servers = []

    def start(answer):
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.closing.set()
        server.shutdown()
        server.server_close()


def send(handler, content, *, status=200, length=None, **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content) if length is None else length))
    handler.end_headers()
    handler.wfile.write(content)


def close_early(handler, name):
    send(handler, b"\x1f\x8b\x08" + bytes(2000), length=9912422)


def send_a_page(handler, name):
    send(handler, PAGE)


def send_a_page_of_the_right_size(handler, name):
    send(handler, PAGE.ljust(next(file.size for file in mnist.FILES if name == f"{file.name}.gz")))


def not_found(handler, name):
    send(handler, PAGE, status=404)


def be_out_of_order(handler, name):
    send(handler, PAGE, status=503)


def say_nothing(handler, name):
    handler.server.closing.wait(60)


def fall_silent(handler, name):
    send(handler, b"\x1f\x8b\x08" + bytes(2000), length=9912422)
    handler.wfile.flush()
    handler.server.closing.wait(60)


def never_end(handler, name):
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.closing.is_set():
        handler.wfile.write(bytes(1 << 16))


def speak_another_language(handler, name):
    handler.wfile.write(b"220 ftp ready\r\n")


def hang_up(handler, name):
    handler.connection.close()


def redirect_forever(handler, name):
    send(handler, b"", status=302, Location=f"/again/{name}")


def redirect_to_a_file(handler, name):
    send(handler, b"", status=302, Location="file:///etc/hostname")


FAULTS = {
    close_early: "2003 bytes",
    send_a_page: "40 bytes of sha256 .*not kept",
    send_a_page_of_the_right_size: "9912422 bytes of sha256 .*not kept",
    not_found: "404",
    be_out_of_order: "503",
    say_nothing: "timed out",
    fall_silent: "timed out",
    never_end: "or more bytes of sha256 .*not kept",
    speak_another_language: "ftp ready|BadStatusLine|[Cc]onnection",
    hang_up: "closed|aborted|reset",
    redirect_forever: "redirects",
    redirect_to_a_file: "file:",
}


@pytest.fixture
def cache(tmp_path):
    """A cache that holds something of each of the names: nothing that a failed download may touch."""
    folder = tmp_path / "cache"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(gzip.compress(name.encode()))
    return folder


def state(folder):
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_failed_download_leaves_what_was_there(serve, cache, fault):
    server, before = serve(fault), state(cache)
    with pytest.raises(DataError, match=FAULTS[fault]) as caught:
        mnist.download(cache, server.url, patience=0.5)
    assert state(cache) == before
    assert server.asked and "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"MNIST cannot be downloaded from {server.url} (")


def test_nobody_answers(serve, cache):
    server = serve(not_found)
    server.shutdown()
    server.server_close()
    before = state(cache)
    with pytest.raises(DataError, match="MNIST cannot be downloaded from .*(refused|[Ff]ailed)"):
        mnist.download(cache, server.url, patience=5)
    assert state(cache) == before


def test_an_address_that_is_not_of_the_web(tmp_path):
    with pytest.raises(DataError, match="http or https addresses, not from file"):
        mnist.download(tmp_path, "file:///etc/")


def test_a_cache_below_a_file_cannot_be_written(serve, tmp_path):
    server = serve(not_found)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DataError, match=r"cannot be (downloaded into|read)"):
        mnist.download(tmp_path / "file" / "cache", server.url)
    assert (tmp_path / "file").read_text() == "mine" and server.asked == []


def test_a_full_disk_keeps_no_part_of_a_file(serve, small_disk):
    disk = small_disk(100_000)
    server = serve(lambda handler, name: send(handler, bytes(9912422)))
    with pytest.raises(DataError, match="cannot be downloaded into .*No space left on device"):
        mnist.download(disk / "cache", server.url)
    assert list((disk / "cache").iterdir()) == []


def test_a_read_only_cache_is_known_before_anything_is_asked_for(serve, read_only_folder):
    server = serve(not_found)
    with pytest.raises(DataError, match="cannot be downloaded into .*(Read-only file system|Permission denied)"):
        mnist.download(read_only_folder, server.url)
    assert server.asked == []


@pytest.mark.rows
@pytest.mark.parametrize("fault", [not_found, send_a_page])
def test_kerass_own_download_loses_what_was_there(serve, cache, fault):
    """What README says of it; if this fails, Keras has become better and README is out of date."""
    from tfport import keras

    (cache / "datasets").mkdir()
    path = shutil.copy(cache / NAMES[0], cache / "datasets")
    with pytest.raises(Exception, match="URL fetch failure|Incomplete or corrupted"):
        keras.utils.get_file(NAMES[0], serve(fault).url + NAMES[0], cache_dir=str(cache), file_hash="0" * 64)
    assert not Path(path).exists() or Path(path).read_bytes() == PAGE


# --- with the real files ---


@pytest.fixture
def published(serve, mnist_dir):
    """A server of the real files, which takes its time."""

    def answer(handler, name):
        content = Path(mnist_dir, name).read_bytes()
        send(handler, b"", length=len(content))
        for start in range(0, len(content), 200_000):
            handler.wfile.write(content[start : start + 200_000])
            time.sleep(0.02)

    return serve(answer)


def test_what_is_missing_or_broken_is_downloaded_and_the_rest_is_not(published, mnist_dir, tmp_path):
    for name in NAMES[:3]:
        shutil.copyfile(Path(mnist_dir, name), tmp_path / name)
    (tmp_path / NAMES[1]).write_bytes(b"broken")
    paths = mnist.download(tmp_path, published.url)
    assert mnist.digest(mnist.read(paths)) == mnist.SHA256
    assert published.asked == [f"/{NAMES[1]}", f"/{NAMES[3]}"]
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)


def test_a_redirect_is_followed(serve, published, tmp_path):
    elsewhere = serve(lambda handler, name: send(handler, b"", status=302, Location=published.url + name))
    assert mnist.digest(mnist.read(mnist.download(tmp_path, elsewhere.url))) == mnist.SHA256


def test_two_downloads_at_once_and_one_killed_midway_leave_a_sound_cache(published, tmp_path):
    cache = tmp_path / "cache"
    code = (
        "import sys; from pathlib import Path; from tfport.data import mnist;"
        "print(mnist.digest(mnist.read(mnist.download(Path(sys.argv[1]), sys.argv[2]))))"
    )

    def fetch():
        arguments = [sys.executable, "-c", code, str(cache), published.url]
        return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    killed = fetch()
    deadline = time.monotonic() + 120
    while not any(path.stat().st_size for path in cache.glob(".tmp-*")):
        assert killed.poll() is None and time.monotonic() < deadline, "the download never started"
        time.sleep(0.01)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    (left,) = cache.iterdir()
    assert left.name.startswith(".tmp-") and mnist.in_cache(cache) is None
    both = [fetch(), fetch()]
    for process in both:
        output, errors = process.communicate(timeout=300)
        assert output.strip() == mnist.SHA256, errors
    assert {path.name for path in cache.iterdir()} == {*NAMES, left.name}
    assert mnist.digest(mnist.read(mnist.in_cache(cache))) == mnist.SHA256
