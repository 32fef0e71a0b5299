"""The way to Jupyter's libraries: late, and without what they build on import for nothing."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

_GRAMMAR = "rfc3987_syntax"
_LOCK = threading.Lock()


@contextmanager
def without_grammar_of_addresses() -> Iterator[None]:
    """Import libraries of Jupyter in this block, and each process is two seconds of a core faster.

    All of them import jsonschema, which builds a grammar of international web addresses where the package
    for it is installed. No notebook asks for that format; jsonschema does without the package.
    """
    with _LOCK:
        if _GRAMMAR in sys.modules:
            yield
            return
        sys.modules[_GRAMMAR] = cast(Any, None)  # Python's way to say: not installed
        try:
            yield
        finally:
            del sys.modules[_GRAMMAR]
