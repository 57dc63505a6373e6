"""Builds the site of all pairs: tfport compare --html FOLDER, for a maintainer who has just measured.

python scripts/build_site.py FOLDER
"""

from __future__ import annotations

import sys

from tfport.compare import command
from tfport.errors import UserError
from tfport.flags import run


def main() -> int:
    """Build it from the results in ``tfport/results``."""
    if sys.argv[1:] in (["--help"], ["-h"]):
        print(__doc__.strip())
        return 0
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        raise UserError("build_site.py takes the folder of the site, like: python scripts/build_site.py site/")
    return command.main([], ["--html", sys.argv[1]])


if __name__ == "__main__":
    raise SystemExit(run(main))
