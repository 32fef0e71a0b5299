"""What goes wrong beside the notebooks: it is told, and costs no result."""

from dangol.runner.scrub import cleaner


def trouble(what: str, error: Exception) -> str:
    """One line: what could not be done, and the first line of the error without paths and secrets."""
    first_line = (str(error).strip().splitlines() or [""])[0]
    return f"{what}: {type(error).__name__}: {cleaner()(first_line)}"
