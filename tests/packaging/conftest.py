"""The package, built once, and machines that it is installed on."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from clean_root import CleanRoot, build  # noqa: E402 (found by the line above)


@pytest.fixture(scope="session")
def package():
    return build()


@pytest.fixture(scope="session")
def newer():
    """The same under a higher version."""
    return build("99.0")


@pytest.fixture(scope="session")
def installed(package):
    root = CleanRoot.new()
    try:
        root.install(package)
        yield root
    finally:
        root.remove()


@pytest.fixture
def machine(installed):
    """One with the package, for the test to change."""
    root = installed.copy()
    yield root
    root.remove()
