"""Every fact of the source page, and nothing else.

Source: "Creating a Signature Key" (CreateSignatureKeyV2), API Gateway API Reference, Open Telekom Cloud; request
body parameters (Table 3) and the example answers. Where the page is silent, docs/decisions.md says what was chosen.
"""

from typing import Final

from ._rule import DIGITS, LETTERS, Rule, SignType

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

# The example request leaves sign_type out, and the example answer says hmac.
DEFAULT_SIGN_TYPE: Final[SignType] = "hmac"

# The request, and how the gateway refuses one: HTTP status, error_code, error_msg ("Status Codes" and the page "Error
# Codes"). To a broken rule it names the parameter and never the rule.
PATH: Final = "/v2/{project_id}/apigw/instances/{instance_id}/signs"
AUTHENTICATION_HEADER: Final = "X-Auth-Token"
INVALID_PARAMETER: Final = (
    400,
    "APIG.2011",
    "Invalid parameter value,parameterName:{parameter}. Please refer to the support documentation",
)
ERRORS: Final = (
    INVALID_PARAMETER,
    (400, "APIG.3207", "The signature key name already exists."),
    (401, "APIG.1002", "Incorrect token or token resolution failed"),
    (403, "APIG.1005", "No permissions to request this method"),
    (403, "APIG.3105", "signature keys exceed the limit"),
    (404, "APIG.3030", "The instance does not exist;id:{instance_id}"),
    (412, "APIG.3548", "sign_type={sign_type} not supported by {instance_id}"),
    (500, "APIG.9999", "System error"),
)
# To a request that changes or deletes a key. The pages "Modifying" and "Deleting a Signature Key".
NO_SUCH_KEY: Final = (404, "APIG.3017", "Signature key {id} does not exist")

# Signature keys of one gateway, at most.
QUOTA: Final = 200
