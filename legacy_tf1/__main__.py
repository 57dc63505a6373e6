"""``python -m legacy_tf1 script.py``: run somebody's own TF1 script."""

from legacy_tf1.compat.run import main
from tfport.flags import run

if __name__ == "__main__":
    raise SystemExit(run(main))
