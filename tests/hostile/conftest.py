"""The program and its data directory, as the tests of the command line have them."""

from tests.cli.conftest import home, run

__all__ = ["home", "run"]
