"""Text files as rows: streamed in any encoding; a row with too few or too many fields keeps its place."""

import contextlib
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from dangol.errors import InputError
from dangol.sources.own.dialect import Dialect, dialect_of
from dangol.sources.own.rows import BLANK, Advance, Rows, well_formed
from dangol.sources.own.spec import Format

_BLOCK_BYTES = 8_388_608
_ENCODINGS = "State format.encoding: utf-8, cp949 (Korean), cp1252 (Western) or utf-16"


class _CountedFile(io.FileIO):
    """A file that tells how many bytes were read, and counts lines and quotation marks."""

    def __init__(self, path: Path, advance: Advance) -> None:
        super().__init__(path)
        self._advance = advance
        self.n_lines = self.n_quotes = 0

    def read(self, size: int | None = -1) -> bytes:  # type: ignore[override]
        data = super().read(-1 if size is None else size) or b""
        self._advance(len(data))
        self.n_lines += data.count(b"\n")
        self.n_quotes += data.count(b'"')
        return data


class CsvRows(Rows):
    """A text file with a delimiter; every column is text until its kind is known."""

    def __init__(self, path: Path, form: Format) -> None:
        self.dialect: Dialect = dialect_of(path, form.encoding, form.delimiter)
        names, self._n_skipped = _header(path, self.dialect, form.header_row)
        self._n_fields = len(names)
        super().__init__(path, names)

    def types(self, columns: Sequence[str]) -> list[pa.DataType]:
        """Text for every column."""
        return [pa.string() for _ in columns]

    def batches(self, columns: Sequence[str], advance: Advance) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
        """Batches of the columns, in order; rows of another width come as empty ones with a note."""
        wrong: list[tuple[int, str]] = []  # row number from 0, what is wrong with the row

        def keep_place(row: pacsv.InvalidRow) -> str:
            text = f"{row.actual_columns} fields where the header has {self._n_fields}"
            wrong.append((row.number - 1 - self._n_skipped, text if row.text.strip() else BLANK))
            return "skip"

        places = [self.names.index(name) for name in columns] or [0]
        try:
            with _CountedFile(self.path, advance) as stream:
                start = 0
                for batch in self._reader(stream, keep_place):
                    filled, ragged = _with_places(batch.select(places), _blank_lines(batch), start, wrong)
                    start += filled.num_rows
                    yield filled, ragged
                start += len(wrong)
                if wrong:
                    nothing = _nothing(len(columns))
                    yield _with_places(nothing, well_formed(0), start - len(wrong), wrong)
                self._refuse_open_quote(stream, start)
        except UnicodeDecodeError:
            raise self._wrong_encoding() from None
        except pa.ArrowInvalid as error:
            raise self._unreadable(str(error)) from None

    def _refuse_open_quote(self, stream: _CountedFile, n_rows: int) -> None:
        """A quotation mark that is never closed takes all lines after it for one field."""
        n_swallowed = stream.n_lines - self._n_skipped - n_rows
        if stream.n_quotes % 2 and n_swallowed > 0 and not self.dialect.encoding.startswith("utf-16"):
            raise InputError(
                f'{self.path.name}: a quotation mark (") is opened and never closed; about {n_swallowed:,} '
                "line(s) would become one field. Close it, or write it twice if it belongs to the text"
            )

    def _reader(self, stream: io.FileIO, keep_place: object) -> pacsv.CSVStreamingReader:
        return pacsv.open_csv(
            stream,
            read_options=pacsv.ReadOptions(
                use_threads=False,  # otherwise rows of another width lose their number
                block_size=_BLOCK_BYTES,
                skip_rows=self._n_skipped,
                column_names=list(self.names),
                encoding=self.dialect.encoding,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self.dialect.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,  # they have a number, as in a spreadsheet
                invalid_row_handler=keep_place,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={name: pa.string() for name in self.names}, strings_can_be_null=False
            ),
        )

    def _wrong_encoding(self) -> InputError:
        line = _first_bad_line(self.path, self.dialect.encoding)
        return InputError(
            f"{self.path.name}: not written in {self.dialect.encoding} (first seen in line {line:,}). "
            f"{_ENCODINGS}"
        )

    def _unreadable(self, message: str) -> InputError:
        if "UTF8" in message:
            return self._wrong_encoding()
        if "straddl" in message or "out of sync" in message:
            return InputError(
                f'{self.path.name}: a quoted field never ends; look for a single quotation mark (")'
            )
        return InputError(f"{self.path.name}: not a readable text table ({message})")


def _header(path: Path, dialect: Dialect, header_row: int) -> tuple[list[str], int]:
    """Names of the columns and how many lines stand before the first row."""
    names: list[str] = []
    lines_before = 0
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as stream:
        reader = csv.reader(stream, delimiter=dialect.delimiter)
        with contextlib.suppress(StopIteration, csv.Error):
            for _ in range(max(header_row - 1, 0)):
                next(reader)
            names = next(reader)
            lines_before = reader.line_num
    if any("\ufffd" in name for name in names):
        raise InputError(f"{path.name}: the header is not written in {dialect.encoding}. {_ENCODINGS}")
    if not any(name.strip() for name in names):
        raise InputError(f"{path.name}: row {header_row} holds no names; state format.header_row")
    if header_row == 0:
        return [""] * len(names), 0
    return names, lines_before


def _first_bad_line(path: Path, encoding: str) -> int:
    """Number of the first line that cannot be decoded, from 1."""
    number = 0
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as stream:
        for line in stream:
            number += 1
            if any(0xDC80 <= ord(character) <= 0xDCFF for character in line):
                return number
    return number


def _blank_lines(batch: pa.RecordBatch) -> pa.Array:
    """The note ``BLANK`` for lines without anything but delimiters."""
    is_blank = pc.equal(batch.column(0), "")
    for column in batch.columns[1:]:
        if not pc.any(is_blank).as_py():
            return well_formed(batch.num_rows)
        is_blank = pc.and_(is_blank, pc.equal(column, ""))
    return pc.if_else(is_blank, BLANK, pa.scalar(None, pa.string()))


def _with_places(
    batch: pa.RecordBatch, blank: pa.Array, start: int, wrong: list[tuple[int, str]]
) -> tuple[pa.RecordBatch, pa.Array]:
    """Put empty rows where rows of another width stood; those used are taken off the list."""
    if not wrong:
        return batch, blank
    places: list[int | None] = []
    notes: list[str | None] = []
    taken, n_rows, blanks = 0, batch.num_rows, blank.to_pylist()
    while wrong and wrong[0][0] <= start + len(places) + (n_rows - taken):
        number, note = wrong.pop(0)
        end = taken + min(number - start - len(places), n_rows - taken)
        places += [*range(taken, end), None]
        notes += [*blanks[taken:end], note]
        taken = end
    places += range(taken, n_rows)
    notes += blanks[taken:]
    return batch.take(pa.array(places, pa.int64())), pa.array(notes, pa.string())


def _nothing(n_columns: int) -> pa.RecordBatch:
    names = [f"c{i}" for i in range(max(n_columns, 1))]
    return pa.record_batch([pa.array([], pa.string()) for _ in names], names=names)
