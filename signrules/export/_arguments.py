"""The type of an argument that is no question."""


def demand(argument: str, given: object, kind: type) -> None:
    """Raises `TypeError` unless what is given for the argument has this type."""
    if not isinstance(given, kind):
        raise TypeError(f"{argument} must be a {kind.__name__}, not {type(given).__name__}")
