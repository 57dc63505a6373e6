"""Scripts find each other, as they do when Python runs one of them."""

import sys

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
