"""The version of the package, as its metadata says it; nothing states it a second time."""


def version() -> str:
    """For example "0.1.0"; "unknown" where there is no metadata, as in a package that was only zipped."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as of

    try:
        return of("signrules")
    except PackageNotFoundError:
        return "unknown"
