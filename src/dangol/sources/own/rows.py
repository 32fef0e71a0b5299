"""Files as streams of rows: the columns asked for, under plain names, with the row's number."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dangol.errors import InputError

ROW, RAGGED = "_row", "_ragged"
BLANK = ""  # form of a line with nothing in it: it is no row, but has a number
BATCH_ROWS = 65_536

Advance = Callable[[int], None]


def ignore(_: int) -> None:
    """Nobody watches the progress."""


class Rows(ABC):
    """The rows of one file.

    Attributes:
        names: of its columns, in its order, each once.
        repeated: names that stand there more than once.
    """

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self.path = path
        self.names = distinct_names(names)
        counts = Counter(name.strip() for name in names)
        self.repeated = tuple(name for name, count in counts.items() if name and count > 1)
        self.failure: InputError | None = None

    @abstractmethod
    def types(self, columns: Sequence[str]) -> list[pa.DataType]:
        """Arrow types of columns."""

    @abstractmethod
    def batches(self, columns: Sequence[str], advance: Advance) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
        """Batches of the columns, each with a text per row: what is wrong with its form, or nothing.

        Of the rows whose text is ``BLANK`` nothing but their number counts.
        """

    def stream(self, columns: Sequence[str], advance: Advance = ignore) -> pa.RecordBatchReader:
        """All rows as ``c0``, ``c1``, … (the columns asked for), ``_row`` from 0 and ``_ragged``.

        The names of the file never reach the engine, so what stands in them is never read as code.
        A failure on the way is kept in ``failure``, because the engine loses its type.
        """
        fields = [pa.field(f"c{i}", kind) for i, kind in enumerate(self.types(columns))]
        schema = pa.schema([*fields, pa.field(ROW, pa.int64()), pa.field(RAGGED, pa.string())])

        def numbered() -> Iterator[pa.RecordBatch]:
            start = 0
            try:
                for batch, ragged in self.batches(columns, advance):
                    numbers = pa.array(range(start, start + batch.num_rows), pa.int64())
                    start += batch.num_rows
                    rows = pa.record_batch([*batch.columns, numbers, ragged], schema=schema)
                    yield rows.filter(pc.not_equal(ragged.fill_null("a row"), BLANK))
            except InputError as error:
                self.failure = error
                raise

        return pa.RecordBatchReader.from_batches(schema, numbered())


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names without blanks around them; empty and repeated ones get a number.

    >>> distinct_names([" id", "", "id"])
    ('id', 'column_2', 'id_2')
    """
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        base = name.strip().lstrip("\ufeff") or f"column_{number}"
        new, count = base, 1
        while new in found:
            count += 1
            new = f"{base}_{count}"
        found.append(new)
    return tuple(found)


def well_formed(n_rows: int) -> pa.Array:
    """No row of the batch has a wrong form."""
    return pa.nulls(n_rows, pa.string())


class ParquetRows(Rows):
    """A Parquet file; columns keep their types."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowInvalid, OSError):
            raise InputError(f"{path.name}: not a readable Parquet file") from None
        self._schema = self._file.schema_arrow
        super().__init__(path, self._schema.names)

    def types(self, columns: Sequence[str]) -> list[pa.DataType]:
        """Arrow types; dictionaries are read as their values."""
        kinds = [self._schema.field(self.names.index(name)).type for name in columns]
        return [kind.value_type if pa.types.is_dictionary(kind) else kind for kind in kinds]

    def batches(self, columns: Sequence[str], advance: Advance) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
        """Batches of the columns; every row has its form."""
        kinds = self.types(columns)
        places = [self.names.index(name) for name in columns]
        originals = [self._schema.names[place] for place in places]
        share = self.path.stat().st_size / max(self._file.metadata.num_rows, 1)
        try:
            for batch in self._file.iter_batches(BATCH_ROWS, columns=list(dict.fromkeys(originals))):
                arrays = [batch.column(batch.schema.get_field_index(name)) for name in originals]
                cast = [array.cast(kind) for array, kind in zip(arrays, kinds, strict=True)]
                advance(int(batch.num_rows * share))
                yield _batch(cast, batch.num_rows), well_formed(batch.num_rows)
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(f"{self.path.name}: damaged ({error})") from None


class TextRows(Rows):
    """Rows made by Python code, all as text: sheets and SQLite tables; one without cells is a blank line."""

    def __init__(self, path: Path, names: Sequence[str], rows: Callable[[], Iterator[Sequence]]) -> None:
        super().__init__(path, names)
        self._rows = rows

    def types(self, columns: Sequence[str]) -> list[pa.DataType]:
        """Text for every column."""
        return [pa.string() for _ in columns]

    def batches(self, columns: Sequence[str], advance: Advance) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
        """Batches of the columns; a cell of any type becomes its text."""
        places = [self.names.index(name) for name in columns]
        block: list[list[str | None]] = []
        notes: list[str | None] = []
        for row in self._rows():
            block.append([text_of(row[place]) if place < len(row) else None for place in places])
            notes.append(None if row else BLANK)
            if len(block) == BATCH_ROWS:
                yield self._made(block, len(places)), pa.array(notes, pa.string())
                block, notes = [], []
        advance(self.path.stat().st_size)
        if block:
            yield self._made(block, len(places)), pa.array(notes, pa.string())

    @staticmethod
    def _made(block: list[list[str | None]], n_columns: int) -> pa.RecordBatch:
        arrays = [pa.array([row[i] for row in block], pa.string()) for i in range(n_columns)]
        return _batch(arrays, len(block))


def _batch(arrays: list[pa.Array], n_rows: int) -> pa.RecordBatch:
    """A batch that knows its number of rows even without columns."""
    if not arrays:
        return pa.RecordBatch.from_struct_array(pa.array([{}] * n_rows, pa.struct([])))
    return pa.record_batch(arrays, names=[f"c{i}" for i in range(len(arrays))])


def text_of(value: object) -> str | None:
    """A cell as text: whole numbers without a decimal point, dates in ISO form."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
