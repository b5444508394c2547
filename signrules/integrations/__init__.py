"""Leaves: each module is for one third-party library, and is loaded by who imports it."""
