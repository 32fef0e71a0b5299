"""How a text file is written: its encoding and delimiter, found from its bytes."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dangol.errors import InputError

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_BYTES = 262_144
_CHUNK_BYTES = 4_194_304
_N_SAMPLE_LINES = 200
_HANGUL = range(0xAC00, 0xD7A4)
_OTHERS = ["cp1252", "cp1251", "shift_jis", "gb18030", "big5"]
_NO_TEXT = {  # first bytes of files that are often given the ending of a text
    b"PK\x03\x04": "an Excel workbook (.xlsx) or an archive",
    b"\xd0\xcf\x11\xe0": "an Excel workbook (.xls)",
    b"\x1f\x8b": "an archive (.gz)",
    b"PAR1\x15": "a Parquet file (.parquet)",
    b"SQLite format 3\x00": "an SQLite database (.sqlite)",
    b"%PDF-": "a PDF",
}


@dataclass(frozen=True)
class Dialect:
    """How a text file is written."""

    encoding: str
    delimiter: str


def dialect_of(path: Path, encoding: str | None = None, delimiter: str | None = None) -> Dialect:
    """What is known stays, what is not is found out.

    Raises:
        InputError: if the file is no text.
    """
    _refuse_other_kinds(path)
    encoding = encoding or encoding_of(path)
    return Dialect(encoding, delimiter or delimiter_of(sample_text(path, encoding)))


def _refuse_other_kinds(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(max(map(len, _NO_TEXT)))
    for mark, kind in _NO_TEXT.items():
        if head.startswith(mark):
            raise InputError(
                f"{path.name}: its content is {kind}, not text; give it the ending of its kind, "
                "unpack it, or export the table again as CSV"
            )


def encoding_of(path: Path) -> str:
    """Encoding of a text file: by its mark, else from the bytes around the first that is not ASCII."""
    sample = _telling_bytes(path)
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if sample.startswith(mark):
            return name
    head = sample[:1000]
    if head.count(0) > len(head) // 10:  # every second byte of digits and separators in UTF-16
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    if _can_decode(sample, "utf-8"):
        return "utf-8"
    if _can_decode(sample, "cp949") and _is_mostly_hangul(sample.decode("cp949", "ignore")):
        return "cp949"
    return _guessed(sample)


def _telling_bytes(path: Path) -> bytes:
    """Whole lines from the head of the file and from its first byte that is not ASCII."""
    with path.open("rb") as stream:
        head = _whole_lines(stream.read(_SAMPLE_BYTES))
        if not head.isascii():
            return head
        place = len(head)
        stream.seek(place)
        while (chunk := stream.read(_CHUNK_BYTES)) and chunk.isascii():
            place += len(chunk)
        first = next((i for i, byte in enumerate(chunk) if byte > 127), 0)
        stream.seek(place + chunk.rfind(b"\n", 0, first) + 1)
        return head + _whole_lines(stream.read(_SAMPLE_BYTES))


def _whole_lines(sample: bytes) -> bytes:
    """Without a line that is cut off; everything if there is no line's end."""
    return sample[: sample.rfind(b"\n") + 1] or sample


def _can_decode(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 4 > 0 and not sample.endswith(b"\n")  # cut off within a character
    return True


def _is_mostly_hangul(text: str) -> bool:
    foreign = [character for character in text if ord(character) > 127]
    return bool(foreign) and sum(ord(c) in _HANGUL for c in foreign) > 0.5 * len(foreign)


def _guessed(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_OTHERS).best()
    return best.encoding if best else "cp1252"


def sample_text(path: Path, encoding: str) -> str:
    """The first lines of a file, without a line that is cut off."""
    with path.open("rb") as stream:
        raw = stream.read(_SAMPLE_BYTES)
        is_whole = not stream.read(1)
    text = raw.decode(encoding, "replace")
    return text if is_whole else text[: text.rfind("\n") + 1]


def delimiter_of(text: str) -> str:
    """The delimiter that cuts most lines into the same number of fields, more than one."""
    return max(DELIMITERS, key=lambda delimiter: _evenness(text, delimiter))


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    lines = text.splitlines(keepends=True)[:_N_SAMPLE_LINES]
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    except csv.Error:
        return (0.0, 0)
    if not widths:
        return (0.0, 0)
    width, count = widths.most_common(1)[0]
    return (count / widths.total(), width) if width > 1 else (0.0, 1)
