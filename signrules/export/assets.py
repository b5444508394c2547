"""The files of other languages that the package carries: how they are read, filled in, and put together to a page.

The pages of this package and of `fuzz` are made here, in the same colours and under the same policy.
"""

import re
from base64 import b64encode
from typing import Final

_PART: Final = re.compile("__([A-Z]+(?:_[A-Z]+)*)__")


def filled(package: str, file: str, **parts: str) -> str:
    """The file of the package, with each `__PART__` in it replaced. Nothing is replaced in the parts themselves."""
    from importlib.resources import files  # which can also read it from a zip; heavy

    return _PART.sub(lambda found: parts[found[1]], files(package).joinpath(file).read_text(encoding="utf-8"))


def page(
    package: str, frame: str, look: str, script: str | None = None, *, command: str, title: str, **parts: str
) -> str:
    """The frame, an HTML file of the package, as a page in one file: with its look, a CSS file, and its script.

    `command` is the one that writes the page. Every page has the same head, so that none lacks a part of its policy.
    The policy of the page allows this style and this script by their hashes, and nothing else: no network, no form.
    """
    style = "\n" + filled(__package__, "colours.css") + filled(package, look)
    policy = ["default-src 'none'", f"style-src {_hash(style)}", "base-uri 'none'", "form-action 'none'"]
    if script is not None:
        policy.insert(2, f"script-src {_hash(script)}")
        parts |= {"SCRIPT": script}
    head = filled(__package__, "head.html", POLICY="; ".join(policy), STYLE=style, COMMAND=command, TITLE=title)
    return head + filled(package, frame, **parts)


def _hash(text: str) -> str:
    from hashlib import sha256  # heavy, and only a page needs it

    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
