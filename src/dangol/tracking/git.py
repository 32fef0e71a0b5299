"""Which state of the code made a result."""

import functools
import subprocess

from dangol.workspace import project_root


@functools.cache
def git_tags() -> dict[str, str]:
    """Commit and whether files differ from it; empty outside a git checkout."""
    commit = _git("rev-parse", "HEAD")
    if commit is None:
        return {}
    changes = _git("status", "--porcelain")
    return {"mlflow.source.git.commit": commit, "dangol.git_dirty": str(bool(changes)).lower()}


def code_version() -> str:
    """Commit, with ``+changes`` if files differ from it; empty outside a git checkout."""
    tags = git_tags()
    changes = "+changes" if tags.get("dangol.git_dirty") == "true" else ""
    return tags.get("mlflow.source.git.commit", "") + changes


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=project_root(), capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
