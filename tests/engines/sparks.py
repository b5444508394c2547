"""A session of Spark for all tests of a process, since it takes seconds to start."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from .. import needs


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    needs.program("java", package="default-jre-headless")
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark: in a clone, pip install '.[dev]'")
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    here = dict.fromkeys(("spark.driver.host", "spark.driver.bindAddress"), "127.0.0.1")
    settings = {"spark.ui.showConsoleProgress": "false", "spark.sql.shuffle.partitions": "1", **here}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)  # not whichever python3 comes first
        session = builder.config(map=settings).getOrCreate()
        yield session
        session.stop()
