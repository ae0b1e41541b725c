"""A server for each file of this folder."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))

from runner.server import Gatehouse  # noqa: E402
from tools import Account  # noqa: E402


@pytest.fixture(scope="module")
def account():
    server = Gatehouse()
    try:
        yield Account(server)
    finally:
        server.stop()
