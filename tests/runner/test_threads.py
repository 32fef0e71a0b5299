"""Python 3.11 breaks (SystemError) if two threads parse source at once: workers must not parse."""

import ast
import threading
from types import SimpleNamespace

from dangol.runner import modules


def test_the_workers_find_all_source_parsed(run_here, monkeypatch):
    parsing: list[str] = []

    def watched(*arguments: object) -> ast.AST:
        parsing.append(threading.current_thread().name)
        return ast.parse(*arguments)

    for cached in (modules._parsed, modules._imports, modules._digest):
        cached.cache_clear()
    monkeypatch.setattr(modules, "ast", SimpleNamespace(**{**vars(ast), "parse": watched}))
    assert run_here().exit_code == 0
    assert "MainThread" in parsing
    assert not [name for name in parsing if name.startswith("notebook")]
