"""Every rule, edge, law and message; the texts of the exports; the command line; the fuzzer in process.

Needs the extra `test` alone, and some 40 seconds on two processors. `pytest` runs it.
"""
