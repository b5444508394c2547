"""Leaves: each module is for one third-party library, and nothing else in signrules imports it."""
