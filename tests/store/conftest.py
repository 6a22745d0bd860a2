import pytest
from store.databases import LEGACY, NEW


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.sqlite"


@pytest.fixture(params=[NEW, LEGACY], ids=lambda kind: kind.name)
def kind(request):
    """The format of the database: the newest, or an older one."""
    return request.param


@pytest.fixture(scope="session")
def tree():
    """Return a function that gives the contents of all files below a folder."""

    def of(folder):
        return {
            path.relative_to(folder): path.read_bytes() if path.is_file() else None
            for path in folder.rglob("*")
        }

    return of
