"""The rules of API gateway signature keys: check them, explain them, keep them.

A public name is loaded when it is first asked for, so that a program pays only for what it uses.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._check import Progress, check, is_valid, progress, rules_for, validate
    from ._generate import entropy_bits, generate
    from ._request import check_request, complete_request, gateway_error, validate_request
    from ._request_types import CompleteSignatureKeyRequest, SignatureKeyRequest
    from ._rule import Field, Rule, SignAlgorithm, SignType
    from ._table import RULES
    from ._violation import Code, Violation, ViolationError
else:

    def __getattr__(name):
        if name in __all__:
            # A call of `import_module` would first have to load importlib.
            homes = (vars(__import__(module, globals(), fromlist=__all__, level=1)) for module in _MODULES)
            return globals().setdefault(name, next(home[name] for home in homes if name in home))
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# A module imports from those before it, so what is loaded in vain is small.
_MODULES = ("_violation", "_rule", "_table", "_check", "_request_types", "_request", "_generate")

__all__ = [
    "RULES",
    "Code",
    "CompleteSignatureKeyRequest",
    "Field",
    "Progress",
    "Rule",
    "SignAlgorithm",
    "SignType",
    "SignatureKeyRequest",
    "Violation",
    "ViolationError",
    "check",
    "check_request",
    "complete_request",
    "entropy_bits",
    "gateway_error",
    "generate",
    "is_valid",
    "progress",
    "rules_for",
    "validate",
    "validate_request",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
