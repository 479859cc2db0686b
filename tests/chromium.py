"""`python -m tests.chromium`: whether there is a Chromium for the browser tests (helpdesk/bench/chromium.py)."""

import sys

from helpdesk.bench.chromium import find

__all__ = ["find"]

if __name__ == "__main__":
    sys.exit(0 if find() else 1)
