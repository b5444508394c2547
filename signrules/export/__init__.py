"""The rule table in other languages. Every text is derived from the table, with the standard library alone."""

from ._tables import csv_table, json_table, markdown_table, text_table

__all__ = ["csv_table", "json_table", "markdown_table", "text_table"]
