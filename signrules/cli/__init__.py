"""The command line. Each command has a module, which holds its arguments and what it does."""

from ._main import main

__all__ = ["main"]
