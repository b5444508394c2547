"""The form controls of a page, as a browser would find them."""

from html.parser import HTMLParser


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "textarea", "select"):
            attributes = {name: text or "" for name, text in attrs}
            assert len(attributes) == len(attrs)  # each once
            self.found[attributes["name"]] = attributes


def controls_in(html: str) -> dict[str, dict[str, str]]:
    """The attributes of each control, by its name, less those that it has without a rule."""
    controls = _Controls()
    controls.feed(html)
    without = ("type", "name", "id", "value", "cols", "rows")
    return {
        control: {name: text for name, text in attributes.items() if name not in without}
        for control, attributes in controls.found.items()
    }
