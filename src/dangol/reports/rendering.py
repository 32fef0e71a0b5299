"""Pages from templates, in each language, with style sheet and font inside."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dangol.files import replacing
from dangol.reports.facts import Facts
from dangol.reports.formats import Formats
from dangol.reports.languages import other_languages, page_name
from dangol.reports.messages import Writer, catalogue, letters
from dangol.reports.styles import style_sheet, with_fonts


def writer_of(facts: Facts, language: str) -> Writer:
    """Writes about ``facts`` in one language."""
    content = catalogue(language)
    return Writer(content, Formats(content["formats"], facts.text("01.currency") or ""), facts)


def write_html(
    folder: Path, stem: str, template: str, writer: Writer, context: Mapping[str, Any], *, sheet: str
) -> Path:
    """Write one page in the language of ``writer``, replaced whole or not at all.

    Args:
        folder: where it goes.
        stem: of the file name, to which a language other than English is added.
        template: name below ``templates/``, without ``.html.j2``.
        writer: gives the language.
        context: what the template shows, beside style sheet, language and links to the other languages.
        sheet: style sheet beside that of the house.
    """
    html = (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(
            css=Markup(style_sheet("house", sheet)),
            language=writer.language,
            other_languages=other_languages(stem, writer.language),
            states=writer.content["states"],
            **context,
        )
    )
    file = folder / page_name(stem, writer.language)
    with replacing(file) as temporary:
        temporary.write_text(with_fonts(html, letters(writer.language)), encoding="utf-8")
    return file


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("dangol.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
