"""`python -m tests.layout`: print what breaks the walls; exit 1 when something does."""

import sys
from pathlib import Path

from tests.layout import ALL

found = [problem for check in ALL for problem in check(Path.cwd())]
print("\n".join(str(problem) for problem in found) or "The walls stand.")
sys.exit(bool(found))
