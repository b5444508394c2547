"""Every fact about the endpoint of signature keys, by name: its paths, its headers, its refusals, its pages, its quota.

Sources: the page "Creating a Signature Key" (URI, status codes, example answers) and, of the same API reference, the
other pages of "Signature Key Management" and of "Binding/Unbinding Signature Keys", "HTTP Status Codes" and "Error
Codes". The two refusals of a request that is none of them stand in the table "Error Codes" of the user guide.
"""

from typing import Final, NamedTuple

GATEWAY_PATH: Final = "/v2/{project_id}/apigw/instances/{instance_id}"
PATH: Final = f"{GATEWAY_PATH}/signs"
BINDINGS_PATH: Final = f"{GATEWAY_PATH}/sign-bindings"
# What a query finds below that path: the APIs that have a key, the APIs that have it not, the keys that an API has.
APIS_WITH_KEY: Final = "binded-apis"
APIS_WITHOUT_KEY: Final = "unbinded-apis"
KEYS_OF_API: Final = "binded-signs"

AUTHENTICATION_HEADER: Final = "X-Auth-Token"
# A request that is signed with an access key (AK/SK) instead says how, in the first word of another header. These are
# the algorithms of the official SDK.
SIGNATURE_HEADER: Final = "Authorization"
SIGNATURE_ALGORITHMS: Final = (
    "SDK-HMAC-SHA256",
    "SDK-HMAC-SM3",
    "SDK-ECDSA-P256-SHA256",
    "SDK-SM2-SM3",
    "V11-HMAC-SHA256",
)


# Of what form an error_code is, as a regular expression.
ERROR_CODE: Final = r"APIG\.[0-9]{4}"


class Refusal(NamedTuple):
    """One way in which the gateway refuses a request. Words of `message` (`error_msg`) that vary stand in braces."""

    status: int
    code: str
    message: str

    @property
    def words(self) -> str:
        """The message, with the names of the words that vary in their places."""
        return self.message.replace("{", "").replace("}", "")


# If a rule is broken, the gateway names the parameter and never the rule.
_NAMES_PARAMETER: Final = "parameterName:"
_INVALID: Final = f"Invalid parameter value,{_NAMES_PARAMETER}{{parameter}}. Please refer to the support documentation"
INVALID_PARAMETER: Final = Refusal(400, "APIG.2011", _INVALID)
NAME_EXISTS: Final = Refusal(400, "APIG.3207", "The signature key name already exists.")
WRONG_TOKEN: Final = Refusal(401, "APIG.1002", "Incorrect token or token resolution failed")
NO_PERMISSION: Final = Refusal(403, "APIG.1005", "No permissions to request this method")
QUOTA_USED_UP: Final = Refusal(403, "APIG.3105", "signature keys exceed the limit")
NO_SUCH_GATEWAY: Final = Refusal(404, "APIG.3030", "The instance does not exist;id:{instance_id}")
TYPE_NOT_SUPPORTED: Final = Refusal(412, "APIG.3548", "sign_type={sign_type} not supported by {instance_id}")
SYSTEM_ERROR: Final = Refusal(500, "APIG.9999", "System error")
# The refusals of a request that creates a key, in the order of the status.
REFUSALS: Final = (
    INVALID_PARAMETER,
    NAME_EXISTS,
    WRONG_TOKEN,
    NO_PERMISSION,
    QUOTA_USED_UP,
    NO_SUCH_GATEWAY,
    TYPE_NOT_SUPPORTED,
    SYSTEM_ERROR,
)
# The refusal of a request that changes or deletes a key.
NO_SUCH_KEY: Final = Refusal(404, "APIG.3017", "Signature key {id} does not exist")
# The refusals of a request about bindings.
INVALID_IN_BINDING: Final = Refusal(400, "APIG.2012", _INVALID)
NO_SUCH_API: Final = Refusal(404, "APIG.3002", "API {id} does not exist")
NO_SUCH_BINDING: Final = Refusal(404, "APIG.3018", "The signature key binding record does not exist")
# The refusals of a request that there is not.
NO_SUCH_PATH: Final = Refusal(404, "APIG.0101", "The API does not exist or has not been published in the environment.")
NO_SUCH_METHOD: Final = Refusal(405, "APIG.0101", "The API does not exist.")

# How many keys an answer lists: by default, and at most.
PAGE: Final = 20
LONGEST_PAGE: Final = 500

# The environment in which every gateway can publish an API: its ID and its name.
ENVIRONMENT_ID: Final = "DEFAULT_ENVIRONMENT_RELEASE_ID"
ENVIRONMENT_NAME: Final = "RELEASE"

# How many signature keys a gateway may have.
QUOTA: Final = 200


def named_parameter(text: str) -> str | None:
    """The parameter that the text of a refusal names, or `None` if it names none."""
    import re  # only what reads answers needs it

    found = re.search(rf"{_NAMES_PARAMETER}(\w+)", text)
    return found[1] if found else None
