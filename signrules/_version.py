"""The version of the package, read from its metadata, which alone state it."""


def version() -> str:
    """For example "0.1.0", or "unknown" for a package without metadata, such as one that was only zipped."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as of

    try:
        return of("signrules")
    except PackageNotFoundError:
        return "unknown"
