"""DuckDB and Splink for linking, kept silent: no bars, no log lines, no warnings about weights."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def quiet_duckdb() -> Iterator[Any]:
    """A DuckDB of its own in memory for the block; Splink's log is off meanwhile.

    Yields:
        The connection; closed, with all it holds, at the end of the block.
    """
    import duckdb

    logger = logging.getLogger("splink")
    level = logger.level
    connection = duckdb.connect()
    try:
        connection.execute("SET enable_progress_bar = false")
        logger.setLevel(logging.CRITICAL + 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield connection
    finally:
        logger.setLevel(level)
        connection.close()
