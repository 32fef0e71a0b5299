"""The sign of a currency, in amounts and on axes."""

import pytest

from dangol.currency import UNKNOWN_CURRENCY, Currency, currency_of
from dangol.records import record
from dangol.workspace import RunFolder


@pytest.mark.parametrize(
    ("code", "amount", "label"),
    [
        ("USD", "\N{MINUS SIGN}$1,234.50", "budget ($)"),
        ("KRW", "\N{MINUS SIGN}₩1,234.50", "budget (₩)"),
        ("CHF", "\N{MINUS SIGN}1,234.50\N{NO-BREAK SPACE}CHF", "budget (CHF)"),
        ("", "\N{MINUS SIGN}1,234.50", "budget (currency)"),
    ],
)
def test_amounts_and_axes_name_the_currency(code, amount, label):
    currency = Currency(code)
    assert currency.amount(-1234.5, 2) == amount
    assert currency.named("budget (currency)") == label


def test_text_in_markdown_has_no_dollar_sign_that_could_begin_a_formula():
    assert Currency("USD").in_text(-1234.5, 2) == "\N{MINUS SIGN}1,234.50\N{NO-BREAK SPACE}USD"
    assert Currency().in_text(12, signed=True) == "+12"


def test_what_rounds_to_nothing_has_no_sign():
    dollars = Currency("USD")
    assert [dollars.amount(value, signed=True) for value in (-0.4, 0.4, 0.6, -0.6)] == [
        "$0", "$0", "+$1", "\N{MINUS SIGN}$1"
    ]  # fmt: skip


def test_a_run_has_the_currency_that_notebook_01_recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    folder = RunFolder("shop", "2017-12-03", "full", "08")
    assert currency_of(folder) == UNKNOWN_CURRENCY
    record({"currency": "EUR"}, folder.of("01"))
    assert currency_of(folder).unit == "€"
