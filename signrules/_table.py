"""Every fact of the source page, and nothing else.

Source: "Creating a Signature Key" (CreateSignatureKeyV2), API Gateway API Reference, Open Telekom Cloud; request
body parameters (Table 3) and the example answers. Where the page is silent, docs/decisions.md states the decision.
"""

from typing import Final

from ._rule import Rule, SignType
from ._spelling import DIGITS, LETTERS

SOURCE_TITLE: Final = "Creating a Signature Key"
SOURCE_URL: Final = (
    "https://docs.otc.t-systems.com/api-gateway/api-ref/dedicated_gateway_apis_v2/signature_key_management/"
    "creating_a_signature_key.html"
)

# docs/decisions.md#letters-and-digits, #the-aes-secret, #the-shortest-public_key-secret
# fmt: off
RULES: Final[tuple[Rule, ...]] = (
    #    field          sign_type     sign_algorithm min   max  may contain                      must start with
    Rule("name",        None,         None,            3,   64, LETTERS + DIGITS + "_",          LETTERS),
    Rule("sign_key",    "hmac",       None,            8,   32, LETTERS + DIGITS + "_-",         LETTERS + DIGITS),
    Rule("sign_key",    "basic",      None,            4,   32, LETTERS + DIGITS + "_-",         LETTERS),
    Rule("sign_key",    "public_key", None,            8,  512, LETTERS + DIGITS + "_-+/=",      LETTERS + DIGITS + "+/"),
    Rule("sign_key",    "aes",        "aes-128-cfb",  16,   16, LETTERS + DIGITS + "_-!@#$%+/=", LETTERS + DIGITS + "+/"),
    Rule("sign_key",    "aes",        "aes-256-cfb",  32,   32, LETTERS + DIGITS + "_-!@#$%+/=", LETTERS + DIGITS + "+/"),
    Rule("sign_secret", "hmac",       None,           16,   64, LETTERS + DIGITS + "_-!@#$%",    LETTERS + DIGITS),
    Rule("sign_secret", "basic",      None,            8,   64, LETTERS + DIGITS + "_-!@#$%",    LETTERS + DIGITS),
    Rule("sign_secret", "public_key", None,           16, 2048, LETTERS + DIGITS + "_-!@#$%+/=", LETTERS + DIGITS + "+/"),
    Rule("sign_secret", "aes",        None,           16,   16, LETTERS + DIGITS + "_-!@#$%+/=", LETTERS + DIGITS + "+/"),
)
# fmt: on

# The members of a request body in the document's order, and which of them are mandatory.
MEMBERS: Final = ("name", "sign_type", "sign_key", "sign_secret", "sign_algorithm")
MANDATORY: Final = ("name",)

# The example request leaves sign_type out, and the example answer says hmac. docs/decisions.md#the-default-sign_type
DEFAULT_SIGN_TYPE: Final[SignType] = "hmac"
