"""Files are written whole or not at all."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dangol.errors import DangolError
from dangol.files import (
    clear_abandoned,
    replacing,
    sha256_of_file,
    sha256_of_text,
    temporary_folder,
    why_not_writable,
    write_json,
)

FULL = Path("/dev/full")
needs_full_device = pytest.mark.skipif(not FULL.exists(), reason="a device that is always full is Linux's")


def put_on_full_disk(temporary: Path) -> None:
    """From here on every byte written to the temporary file meets a full disk."""
    temporary.unlink()
    temporary.symlink_to(FULL)


def test_the_target_takes_the_new_content_and_nothing_else_is_left(tmp_path):
    target = tmp_path / "below" / "table.txt"
    with replacing(target) as temporary:
        temporary.write_text("new")
        assert temporary.parent == target.parent
        assert not target.exists()
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]
    assert target.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interruption_keeps_the_old_file_and_leaves_no_other(tmp_path, interruption):
    target = tmp_path / "table.txt"
    target.write_text("old")
    with pytest.raises(interruption), replacing(target) as temporary:
        temporary.write_text("half of the n")
        raise interruption
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_interruption_of_the_first_write_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "table.txt") as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@needs_full_device
@pytest.mark.parametrize("library", ["python", "pyarrow"])
def test_a_full_disk_is_one_sentence_and_keeps_the_old_file(tmp_path, library):
    target = tmp_path / "table.parquet"
    target.write_text("old")
    expected = r"^could not write table.parquet: the disk is full. Nothing half-written is left"
    with pytest.raises(DangolError, match=expected), replacing(target) as temporary:
        put_on_full_disk(temporary)
        if library == "python":
            temporary.write_text("new" * 10_000)
        else:
            pd.DataFrame({"a": range(10_000)}).to_parquet(temporary)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_without_permission_is_one_sentence(tmp_path, monkeypatch):
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("dangol.files.tempfile.mkstemp", refuse)
    with (
        pytest.raises(DangolError, match=r"write table.txt: no permission"),
        replacing(tmp_path / "table.txt"),
    ):
        pass


def test_other_operating_system_errors_keep_their_own_text(tmp_path):
    with pytest.raises(FileNotFoundError, match="elsewhere"), replacing(tmp_path / "table.txt"):
        (tmp_path / "elsewhere").read_text()


def test_a_killed_writer_leaves_the_old_file(tmp_path):
    target = tmp_path / "table.txt"
    target.write_text("old")
    code = (
        "import sys, time; from pathlib import Path; from dangol.files import replacing\n"
        "with replacing(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half'); print('half', flush=True); time.sleep(60)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "half\n"
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    assert target.read_text() == "old"


def test_ctrl_c_leaves_the_old_file_and_no_other(tmp_path):
    target = tmp_path / "table.txt"
    target.write_text("old")
    code = (
        "import sys, time; from pathlib import Path; from dangol.files import replacing\n"
        "with replacing(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half'); print('half', flush=True); time.sleep(60)\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(target)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "half\n"
    time.sleep(0.05)
    writer.send_signal(signal.SIGINT)
    assert writer.wait(10) != 0
    writer.stdout.close()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_json_is_sorted_and_ends_with_a_line_break(tmp_path):
    write_json({"b": 1, "a": [pd.Timestamp("2017-12-03")]}, tmp_path / "x.json")
    text = (tmp_path / "x.json").read_text()
    assert text.endswith("}\n")
    assert list(json.loads(text)) == ["a", "b"]


@given(st.binary(max_size=5_000))
def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("digest") / "file"
    path.write_bytes(content)
    assert sha256_of_file(path) == hashlib.sha256(content).hexdigest()


@given(st.lists(st.text(max_size=6), max_size=4), st.lists(st.text(max_size=6), max_size=4))
def test_two_lists_of_texts_share_a_digest_only_if_they_are_equal(one, other):
    assert (sha256_of_text(*one) == sha256_of_text(*other)) == (one == other)


def test_the_boundary_between_texts_counts():
    assert sha256_of_text("ab", "c") != sha256_of_text("a", "bc")


def test_a_folder_that_cannot_take_files_says_why_and_one_to_come_is_none(tmp_path):
    (tmp_path / "reports").write_text("a file")
    assert why_not_writable(tmp_path / "reports" / "shop") == "a file is in the place of a folder"
    assert why_not_writable(tmp_path / "data" / "raw" / "shop") is None
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


FILLS_UNTIL_KILLED = """
import pathlib, signal, sys
from dangol.files import temporary_folder
with temporary_folder(pathlib.Path(sys.argv[1])) as temporary:
    (temporary / "half.csv").write_text("id")
    print(temporary, flush=True)
    signal.pause()
"""


def test_a_folder_left_by_a_killed_process_goes_and_one_at_work_stays(tmp_path):
    target = tmp_path / "company"
    filling = [sys.executable, "-c", FILLS_UNTIL_KILLED, str(target)]
    with subprocess.Popen(filling, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        clear_abandoned(target)
        assert [path.name for path in left.iterdir()] == ["half.csv"]
        process.kill()
    assert left.exists()
    with temporary_folder(target) as temporary:
        assert not left.exists()
        clear_abandoned(target)
        temporary.rename(target)
    assert [path.name for path in tmp_path.iterdir()] == ["company"]
