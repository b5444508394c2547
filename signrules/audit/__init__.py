"""Data at rest: which values in files and tables break a rule, and how many; DuckDB reads and judges them.

A row is a body. What is wrong with it has the codes of `check_request`. The rules are the parts of
`export.sql_check`; no module here states one. Nothing here keeps, tells or writes a value, and no error repeats what
DuckDB says, since its messages hold values.
"""
