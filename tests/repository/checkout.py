"""The checkout as a reader sees it: files git holds or would add, the commands they name."""

import functools
import re
import subprocess

from dangol.workspace import project_root

ROOT = project_root()


@functools.cache
def tracked() -> tuple[str, ...]:
    """Files git holds or would add, as paths below the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(sorted(name for name in set(listed.splitlines()) if (ROOT / name).is_file()))


def text_of(name: str) -> str:
    """Content of a text file; empty for binary ones."""
    try:
        return (ROOT / name).read_text()
    except UnicodeDecodeError:
        return ""


def make_targets() -> set[str]:
    """What `make` can be asked for."""
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
