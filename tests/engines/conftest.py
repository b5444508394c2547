"""The fixtures of a browser, and of Spark."""

from .browser import chromium, no_complaints, page
from .sparks import spark

__all__ = ["chromium", "no_complaints", "page", "spark"]
