"""The rules in other languages. Every text is derived from the table, with the standard library alone."""

from ._cel import cel
from ._es_module import es_module, es_module_types
from ._form import form
from ._html import attributes_text, common_attributes, html_attributes
from ._json_schema import SCHEMA_DIALECT, json_schema
from ._openapi import openapi
from ._recipe import RecipeTarget, generator_recipe
from ._sql import Dialect, sql_check
from ._tables import csv_table, json_table, markdown_table, text_table
from ._terraform import Block, terraform_validation

__all__ = [
    "SCHEMA_DIALECT",
    "Block",
    "Dialect",
    "RecipeTarget",
    "attributes_text",
    "cel",
    "common_attributes",
    "csv_table",
    "es_module",
    "es_module_types",
    "form",
    "generator_recipe",
    "html_attributes",
    "json_schema",
    "json_table",
    "markdown_table",
    "openapi",
    "sql_check",
    "terraform_validation",
    "text_table",
]
