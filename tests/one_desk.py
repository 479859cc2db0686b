"""How tests are shared out among processes: those of the browser go to one, where one desk is enough for them all."""

from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/browser/"


class OneDesk(LoadScopeScheduling):
    """Each test by itself to whoever is free; the browser's to one process: by path, for xdist 3.8 sees no marks."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid
