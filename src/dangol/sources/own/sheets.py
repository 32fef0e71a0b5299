"""Excel sheets as rows; a file that would unpack to far more than a sheet holds is refused."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from dangol.errors import InputError
from dangol.sources.own.headers import N_HEAD_ROWS
from dangol.sources.own.rows import TextRows
from dangol.sources.own.spec import Format

MAX_UNPACKED_BYTES = 1_073_741_824
MAX_CELLS = 60_000_000  # the reader holds every cell between the first and the last
_CHUNK_BYTES = 1_048_576
_CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


class SheetRows(TextRows):
    """One sheet of a workbook; the first unless another is named.

    Attributes:
        first_rows: its cells as they stand, title and header included.
        sheet_names: of the workbook.
    """

    def __init__(self, path: Path, form: Format) -> None:
        import python_calamine

        if path.suffix.lower() != ".xls":
            _refuse_bombs(path)
        try:
            book = python_calamine.CalamineWorkbook.from_path(path)
            sheet = form.sheet or book.sheet_names[0]
            if sheet not in book.sheet_names:
                raise InputError(
                    f"{path.name}: there is no sheet {sheet!r}; it has {', '.join(book.sheet_names)}"
                )
            cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        except (python_calamine.CalamineError, IndexError, OSError) as error:
            raise InputError(f"{path.name}: not a readable workbook ({error})") from None
        head = form.header_row
        self.first_rows = cells[:N_HEAD_ROWS]
        names = [str(cell) for cell in cells[head - 1]] if 0 < head <= len(cells) else []
        if head and not any(names):
            raise InputError(f"{path.name}: row {head} holds no names; state format.header_row")
        width = max((len(row) for row in cells), default=0)
        self.sheet_names: tuple[str, ...] = tuple(book.sheet_names)

        def rows() -> Iterator[Sequence]:
            return (row if any(cell != "" for cell in row) else () for row in cells[head:])

        super().__init__(path, names or [""] * width, rows)


def _refuse_bombs(path: Path) -> None:
    """Unpack in pieces, without keeping anything, and stop at the limits."""
    n_bytes = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                last_column = last_row = 0
                with archive.open(entry) as stream:
                    while chunk := stream.read(_CHUNK_BYTES):
                        n_bytes += len(chunk)
                        if n_bytes > MAX_UNPACKED_BYTES:
                            raise InputError(
                                f"{path.name}: unpacks to more than {MAX_UNPACKED_BYTES // 2**20:,} MiB; "
                                "save the sheet as CSV"
                            )
                        for column, row in _CELL.findall(chunk):
                            last_column = max(last_column, _number_of(column))
                            last_row = max(last_row, int(row))
                if last_column * last_row > MAX_CELLS:
                    raise InputError(
                        f"{path.name}: a sheet reaches to row {last_row:,} and column {last_column:,}; "
                        "delete the stray cells or save the table as CSV"
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"{path.name}: not a readable workbook ({error})") from None


def _number_of(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number
