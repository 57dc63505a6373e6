"""The addresses from which readers of that time fetched MNIST, which answer no more: its files come from tfport.data.

Many a script brought an ``input_data.py`` of its own that downloads from yann.lecun.com, by ``urlretrieve`` or
``urlopen``. What it asks for is what :func:`tfport.data.read` finds, or downloads from where MNIST still is.
"""

from __future__ import annotations

import email.message
import gzip
import io
import sys
import urllib.request
import urllib.response
from pathlib import Path
from typing import Any

from legacy_tf1.compat.registry import used

FOLDERS = ("yann.lecun.com/exdb/mnist/", "storage.googleapis.com/cvdf-datasets/mnist/")


class Handler(urllib.request.BaseHandler):
    """Answers requests for the four files as a server would; lets others, and MNIST that cannot be had, go on."""

    handler_order = 50  # before that of the proxies

    def http_open(self, request: urllib.request.Request) -> Any:
        """The response, or None."""
        folder, _, name = request.full_url.partition("://")[2].rpartition("/")
        if f"{folder}/".removeprefix("www.") not in FOLDERS:
            return None
        from tfport import data
        from tfport.data.mnist import FILES

        names = [f"{file.name}.gz" for file in FILES]
        if name not in names:
            return None
        try:
            path = Path(data.read("mnist").paths[names.index(name)])
        except data.DataError as error:
            print(f"{error}. Asking {request.full_url} itself.", file=sys.stderr)
            return None
        used(request.full_url)
        contents = path.read_bytes() if path.suffix == ".gz" else gzip.compress(path.read_bytes())
        headers = email.message.Message()
        headers["Content-Type"], headers["Content-Length"] = "application/x-gzip", str(len(contents))
        response = urllib.response.addinfourl(io.BytesIO(contents), headers, request.full_url, 200)
        response.msg = "OK"  # type: ignore[attr-defined]
        return response

    https_open = http_open


def mend() -> None:
    """Let ``urllib.request`` answer these addresses from MNIST's files, with what else was installed in it."""
    opener = urllib.request._opener or urllib.request.build_opener()  # type: ignore[attr-defined]
    opener.add_handler(Handler())
    urllib.request.install_opener(opener)
