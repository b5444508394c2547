"""The rules of API gateway signature keys: check them, explain them, keep them."""

from ._check import Progress, check, is_valid, progress, rules_for, validate
from ._generate import entropy_bits, generate
from ._request import (
    CompleteSignatureKeyRequest,
    SignatureKeyRequest,
    check_request,
    complete_request,
    gateway_error,
    validate_request,
)
from ._rule import Field, Rule, SignAlgorithm, SignType
from ._table import RULES
from ._violation import Code, Violation, ViolationError

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
