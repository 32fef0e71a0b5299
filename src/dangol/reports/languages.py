"""The languages of the reports, and what the page of each is called."""

from dataclasses import dataclass

LANGUAGES = {"en": "English", "ko": "한국어"}


@dataclass(frozen=True)
class OtherLanguage:
    """A link to the same page in another language."""

    code: str
    name: str
    href: str


def page_name(stem: str, language: str) -> str:
    """File name of a page in one language.

    >>> page_name("index", "en"), page_name("index", "ko")
    ('index.html', 'index.ko.html')
    """
    return f"{stem}.html" if language == "en" else f"{stem}.{language}.html"


def other_languages(stem: str, language: str) -> list[OtherLanguage]:
    """Links from a page to its translations."""
    return [
        OtherLanguage(code, name, page_name(stem, code))
        for code, name in LANGUAGES.items()
        if code != language
    ]
