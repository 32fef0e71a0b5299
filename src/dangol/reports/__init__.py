"""HTML for people: one page per executed notebook, and the stakeholder report of a run."""

from dangol.reports.pages import write_page
from dangol.reports.report import write_report

__all__ = ["write_page", "write_report"]
