"""The exports and the integrations in the programs that they are for: a browser, Node, databases, Spark, frameworks.

Needs the extras `dev` and `bench`, Chromium, PostgreSQL, MariaDB, Java, curl, kubectl, Terraform, and the npm packages
of js/. If something is missing, its tests are skipped and say how to get it. Takes some five minutes on two processors.
"""
