"""The way to Jupyter's libraries leaves out one package while they are imported, and nothing else."""

import importlib
import sys
from types import ModuleType

import pytest

from dangol.jupyter import without_grammar_of_addresses

GRAMMAR = "rfc3987_syntax"


@pytest.fixture
def not_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, GRAMMAR, raising=False)


def test_the_grammar_cannot_be_imported_inside_and_is_free_again_outside(not_imported):
    with without_grammar_of_addresses(), pytest.raises(ImportError):
        importlib.import_module(GRAMMAR)
    assert GRAMMAR not in sys.modules


def test_it_is_free_again_after_an_import_that_fails(not_imported):
    with pytest.raises(ZeroDivisionError), without_grammar_of_addresses():
        _ = 1 / 0
    assert GRAMMAR not in sys.modules


def test_a_grammar_that_is_there_already_stays(monkeypatch):
    there = ModuleType(GRAMMAR)
    monkeypatch.setitem(sys.modules, GRAMMAR, there)
    with without_grammar_of_addresses():
        assert importlib.import_module(GRAMMAR) is there
    assert sys.modules[GRAMMAR] is there
