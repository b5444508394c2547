"""The token that the option `--token-file` of `fuzz` and `gateway` names."""

from ._status import Unusable


def token_from(path: str | None) -> str | None:
    """The token in the file, or `None` if the option is not given."""
    from ..fuzz._token import read_token  # no other command needs the fuzzer

    if path is None:
        return None
    try:
        return read_token(path)
    except ValueError as error:
        raise Unusable(str(error)) from None
