"""The command line. One module holds what a command may be given, and what it does."""

from ._main import main

__all__ = ["main"]
