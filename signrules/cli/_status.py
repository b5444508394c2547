"""The exit statuses, and how a command says that it cannot be carried out."""

from typing import Final

VALID: Final = 0
INVALID: Final = 1
UNUSABLE: Final = 2
# As a shell reports a program that a signal ended: 128 and the number of SIGINT or SIGPIPE.
INTERRUPTED: Final = 130
READER_GONE: Final = 141


class Unusable(Exception):  # noqa: N818  no error of the program: it ends the command
    """The command cannot be carried out: it was used wrongly, or something that it needs is missing."""
