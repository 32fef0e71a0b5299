"""Sentences from a message catalogue, filled with recorded figures that say where they come from."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any

import yaml
from markupsafe import Markup, escape

from dangol.reports.definitions import Definition, definition_of
from dangol.reports.facts import Fact, Facts
from dangol.reports.formats import MINUS, Formats
from dangol.reports.phrases import Phrases

_LINK = re.compile(r"\[([^\]]+)\]\(#([a-z0-9_-]+)\)")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")
_ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b(?!-)")
_HYPHEN = re.compile(r"(?<![\w\]-])-(?=\d)")  # before a number, not within a word, date or path
_INTERVAL = "_interval"
_HOLE = "\0"  # stands for a figure while the text around it is marked up


@cache
def catalogue(language: str) -> dict[str, Any]:
    """The message catalogue of one language, ``messages/<language>.yaml``."""
    return yaml.safe_load((resources.files(__package__) / "messages" / f"{language}.yaml").read_text("utf-8"))


@cache
def letters(language: str) -> str:
    """All text of a catalogue: what the embedded font has to draw on every page of that language.

    Empty for English, which is set in the fonts of the reader's machine.
    """
    text = (resources.files(__package__) / "messages" / f"{language}.yaml").read_text("utf-8")
    return "" if language == "en" else "".join(sorted(set(text)))


@cache
def phrases(language: str) -> Phrases:
    """What notebooks recorded in English, in the words of one language."""
    return Phrases.between(catalogue("en"), catalogue(language))


@dataclass(frozen=True)
class Writer:
    """Writes sentences in one language about one run.

    A message is text with fields such as ``{n_orders:count}``, ``{08.expected_profit:money_interval}``,
    ``{n_rules:plural rule|rules}`` or ``{contact_list:file}`` (a link); ``**strong**``; and
    ``[words](#term)``, a link into the glossary.
    """

    content: dict[str, Any]
    formats: Formats
    facts: Facts

    def say(self, recorded: str) -> str:
        """A text that a notebook recorded in English, in the writer's language if the catalogue knows it.

        Its ISO dates and its signs are written as in the sentences beside it.
        """
        text = _HYPHEN.sub(MINUS, phrases(self.language).say(recorded))
        return _ISO_DATE.sub(lambda found: self.formats.apply("date", found[0]), text)

    @property
    def language(self) -> str:
        """Code of the language, such as ``en``."""
        return str(self.content["language"])

    def define(self, fact: Fact) -> Definition | None:
        """What a figure is and the tables it stands on, if the catalogue says so."""
        return definition_of(self.content, fact.notebook, fact.name)

    def origin(self, fact: Fact) -> str:
        """What a figure is and where it comes from, for a tooltip."""
        about, place = self.define(fact), self.say(fact.origin)
        return place if about is None else f"{about.text} · {about.tables} · {place}"

    def find(self, key: str) -> Any:
        """The catalogue's entry at a dotted key; None if there is none."""
        entry: Any = self.content
        for part in key.split("."):
            entry = entry.get(part) if isinstance(entry, dict) else None
        return entry

    def sentence(self, key: str, notebook: str = "") -> Markup | None:
        """The message at ``key``; None if a figure it needs was not recorded.

        Of a message in several parts the first must be whole, any other is left out where it is not.

        Raises:
            KeyError: if the catalogue has no such message.
        """
        template = self.find(key)
        if not isinstance(template, str | list):
            raise KeyError(f"the message catalogue has no message {key!r}")
        first, *others = template if isinstance(template, list) else [template]
        whole = self.fill(first, notebook)
        if whole is None:
            return None
        return Markup(" ").join([whole, *filter(None, (self.fill(part, notebook) for part in others))])

    def fill(self, template: str, notebook: str = "") -> Markup | None:
        """``template`` with its fields filled; None if a figure it needs was not recorded."""
        literals: list[str] = []
        figures: list[Markup] = []
        for literal, reference, spec, _ in Formatter().parse(template):
            literals.append(literal)
            if reference is None:
                continue
            fact = self.facts.find(reference, notebook)
            if fact is None:
                return None
            literals.append(_HOLE)
            figures.append(self.figure(fact, spec or "number"))
        html = _marked_up("".join(literals))
        for figure in figures:
            html = html.replace(_HOLE, figure, 1)
        return Markup(html)

    def figure(self, fact: Fact, spec: str) -> Markup:
        """One figure as marked-up text whose tooltip says where it comes from."""
        if spec.startswith("plural "):
            one, many = spec.removeprefix("plural ").split("|")
            return escape(one if fact.value == 1 else many)
        if spec == "file":
            return Markup('<a href="{0}" title="{1}">{0}</a>').format(fact.value, self.origin(fact))
        text = self.interval(fact, spec) if spec.endswith(_INTERVAL) else self.formats.apply(spec, fact.value)
        text = self.facts.hidden_text(fact) or text
        is_word = spec in ("text", "name")
        kind, shown = ("word", self.say(text)) if is_word else ("num", text)
        return Markup('<span class="{}" title="{}">{}</span>').format(kind, self.origin(fact), shown)

    def interval(self, fact: Fact, spec: str) -> str:
        """``estimate (low to high)`` in the words of the catalogue."""
        kind = spec.removesuffix(_INTERVAL)
        bounds = self.facts.bounds(fact)
        if bounds is None:
            pattern = self.content["formats"]["no_interval"]
            return pattern.format(estimate=self.formats.apply(kind, fact.value))
        low, high = (bound.value for bound in bounds)
        like = max(abs(float(number)) for number in (fact.value, low, high))
        estimate, low_text, high_text = (self.formats.apply(kind, n, like) for n in (fact.value, low, high))
        return self.content["formats"]["interval"].format(estimate=estimate, low=low_text, high=high_text)


def _marked_up(text: str) -> str:
    """Catalogue text with its links and strong words as HTML; everything else is escaped."""
    html = str(escape(text))
    html = _LINK.sub(r'<a class="term" href="#term-\2">\1</a>', html)
    return _STRONG.sub(r"<strong>\1</strong>", html)
