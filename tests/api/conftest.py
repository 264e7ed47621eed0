"""A server for each test, which has to end well."""
import pytest

from api_served import Served


@pytest.fixture
def serve(tmp_path):
    """Starts a server: serve(LIMIT..., FIELD=VALUE...) with fields of the section `api`."""
    all_served = []

    def start(*limits, **section):
        folder = tmp_path / str(len(all_served))
        folder.mkdir()
        for name, make in section.pop("files", {}).items():
            path = folder / name
            path.write_bytes(make if isinstance(make, bytes) else make.encode())
            path.chmod(0o600)
        served = Served(folder, *limits, **section)
        all_served.append(served)
        return served.started()

    yield start
    for served in all_served:
        code, text = served.finish()
        assert (code, text) == (0, ""), text
        # Whatever a test did, no token is told of.
        for token in served.tokens.values():
            assert all(token not in rest for _, rest in served.lines)


@pytest.fixture
def api(serve):
    return serve()
