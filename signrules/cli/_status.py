"""The exit statuses, and how a command says that it cannot be carried out."""

from typing import Final

VALID: Final = 0
INVALID: Final = 1
UNUSABLE: Final = 2
INTERRUPTED: Final = 130  # as a shell reports a program that Ctrl-C ended (128 + SIGINT),
READER_GONE: Final = 141  # or a closed pipe (128 + SIGPIPE)


class Unusable(Exception):  # noqa: N818  it ends the command, and says why
    """The command cannot be carried out: wrong use, or something that it needs is not there."""
