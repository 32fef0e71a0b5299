"""The stakeholder report of a run: verdict, money, uncertainty, what to do; then a section per notebook."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from dangol.errors import InputError
from dangol.records import MetricValue, metrics_of
from dangol.reports.assumptions import assumptions
from dangol.reports.facts import Facts
from dangol.reports.findings import FINDINGS, sentences
from dangol.reports.index import write_index
from dangol.reports.languages import LANGUAGES, page_name
from dangol.reports.messages import Writer
from dangol.reports.rendering import write_html, writer_of
from dangol.reports.scorecard import write_scorecard
from dangol.reports.sections import Section, key_figures, sections
from dangol.reports.self_test import self_test_texts
from dangol.reports.summaries import write_summary
from dangol.reports.verdict import ACTIONS, LEAD, MAX_ACTIONS, headline
from dangol.sources.raw import Manifest, read_manifest
from dangol.stages import StageResult
from dangol.workspace import RunFolder, reports_folder

_TROUBLE = ("failed", "blocked")
_FINISHED = ("done", "unchanged")
_FILES = ("contact_list",)


def write_report(run: RunFolder, stages: list[StageResult]) -> Path:
    """Write the report of a run in every language, from what its notebooks recorded.

    English goes to ``index.html``, another language to ``index.<language>.html`` beside it. The
    index of all runs is brought up to date.

    Args:
        run: the run; which notebook it belongs to does not matter.
        stages: what became of each notebook. Notebooks that are not among them, or recorded
            nothing, are marked as such; the rest of the report stays sound.

    Returns:
        ``index.html``; each page is self-contained.
    """
    target = reports_folder(run.dataset, run.as_of, run.variant)
    numbers = sorted({*FINDINGS, *(stage.number for stage in stages)})
    metrics = {number: _recorded(run.of(number), target) for number in numbers}
    facts = Facts(metrics, {stage.number: stage.run_id for stage in stages})
    headlines, states = {}, {}
    for language in LANGUAGES:
        writer = writer_of(facts, language)
        parts = sections(run, stages, target, writer)
        context = _context(run, writer, parts)
        write_html(target, "index", "report", writer, context, sheet="report")
        headlines[language] = Markup(context["headline"] or "").striptags()
        states = {part.number: part.state for part in parts}
    write_summary(run, headlines, states, facts)
    for language in LANGUAGES:
        write_index(writer_of(Facts({}, {}), language))
    return target / page_name("index", "en")


def _recorded(folder: RunFolder, target: Path) -> dict[str, MetricValue]:
    """What a notebook recorded, without files it left that are no longer there."""
    figures = metrics_of(folder)
    return {name: value for name, value in figures.items() if name not in _FILES or _is_in(value, target)}


def _is_in(name: MetricValue, target: Path) -> bool:
    return (target / str(name)).is_file()


def _context(run: RunFolder, writer: Writer, parts: list[Section]) -> dict[str, Any]:
    formats, manifest = writer.formats, _manifest(run.dataset)
    day = formats.apply("date", run.as_of)
    return _first_screen(writer, parts) | {
        "t": writer.content["page"],
        "run": run,
        "dataset": writer.content["datasets"].get(run.dataset, run.dataset),
        "day": day,
        "sections": parts,
        "method": [text.format(day=day) for text in writer.content["method"]] + self_test_texts(writer),
        "assumptions": assumptions(writer),
        "glossary": writer.content["glossary"],
        "scorecard": write_scorecard(run, writer),
        "origin": _in_english(writer.find("page.origin"), origin=manifest.origin) if manifest else None,
        "licence": _in_english(writer.find("page.licence"), licence=manifest.licence) if manifest else None,
        "formats": formats,
    }


def _first_screen(writer: Writer, parts: list[Section]) -> dict[str, Any]:
    """Verdict, large figures and actions, from notebooks that finished: an old plan must not be sent."""
    finished = replace(writer, facts=writer.facts.only([p.number for p in parts if p.state in _FINISHED]))
    return {
        "headline": finished.sentence(f"verdict.{headline(finished.facts)}"),
        "lead": sentences(LEAD, "lead", finished),
        "trouble": _trouble(parts, writer),
        "key_figures": key_figures(finished),
        "actions": sentences(ACTIONS, "actions", finished)[:MAX_ACTIONS],
    }


def _trouble(parts: list[Section], writer: Writer) -> str | None:
    names = [f"{part.number} {part.name}" for part in parts if part.state in _TROUBLE]
    if not names:
        return None
    return writer.find(f"trouble.{'one' if len(names) == 1 else 'many'}").format(names=", ".join(names))


def _in_english(message: str, **quoted: str) -> Markup:
    """A message that quotes what a source says of itself, marked as English for screen readers."""
    marked = {name: Markup('<span lang="en">{}</span>').format(text) for name, text in quoted.items()}
    return escape(message).format(**marked)


def _manifest(dataset: str) -> Manifest | None:
    try:
        return read_manifest(dataset)
    except InputError:  # a damaged manifest is notebook 01's business; the report says nothing then
        return None
