"""A table without rows keeps the kinds of its columns."""

import pandas as pd

from dangol.contracts import Table

_DTYPES = {
    "id": "int64",
    "int": "int64",
    "float": "float64",
    "bool": "bool",
    "str": "str",
    "datetime": "datetime64[ns]",
}


def empty_of(table: Table) -> pd.DataFrame:
    """No row of a table, in the kinds its contract names."""
    return pd.DataFrame(
        {name: pd.Series(dtype=_DTYPES[kind.removesuffix("?")]) for name, kind in table.columns.items()}
    )
