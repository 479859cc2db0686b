"""How tests are shared out among processes: each to whoever is free, but for those that share what is dear to make."""

from xdist.scheduler import LoadScopeScheduling

# By path, for xdist 3.8 sees no marks with this pytest. The browser's tests share one desk, those of the layout the
# syntax trees of all files.
TOGETHER = ("tests/browser/", "tests/test_layout.py")


class OneDesk(LoadScopeScheduling):
    """Each test by itself to whoever is free; those that belong together to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return next((together for together in TOGETHER if nodeid.startswith(together)), nodeid)
