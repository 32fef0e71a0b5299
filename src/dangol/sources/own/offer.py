"""What a spec offers right now: its files, and tables of databases brought here as Parquet."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dangol.errors import InputError
from dangol.sources.own.databases import export_postgres
from dangol.sources.own.inputs import Found, find_all
from dangol.sources.own.reading import read_spec
from dangol.sources.own.spec import Spec


@dataclass(frozen=True)
class Offer:
    """A spec and what it names.

    Attributes:
        path: of the spec.
        spec: its content.
        files: per table.
        faults: of places and checksums; the files concerned are not among ``files``.
    """

    path: Path
    spec: Spec
    files: dict[str, list[Found]]
    faults: list[str]


@contextmanager
def offered(path: Path) -> Iterator[Offer]:
    """Everything a spec names; what came from a database is gone when the block ends.

    Raises:
        InputError: if the spec itself has faults.
    """
    spec = read_spec(path)
    files, faults = find_all(path.resolve().parent, spec)
    with tempfile.TemporaryDirectory(prefix="dangol-database-") as folder:
        for table, given in spec.inputs.items():
            if given.database and given.table:
                target = Path(folder) / f"{table}.parquet"
                try:
                    export_postgres(given.database, given.table, target)
                    files[table] = [Found(target.name, target)]
                except InputError as error:
                    faults.append(f"{table}: {error}")
        yield Offer(path, spec, files, faults)
