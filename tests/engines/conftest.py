"""The fixtures of a browser."""

from .browser import chromium, no_complaints, page

__all__ = ["chromium", "no_complaints", "page"]
