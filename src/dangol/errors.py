"""The few ways Dangol stops on purpose; each carries one message a person can act on."""


class DangolError(Exception):
    """A stop with a message: what was expected, what was received, what to do next."""

    exit_code = 1


class InputError(DangolError):
    """Unusable arguments or data; the message lists every fault found."""

    exit_code = 2


class MissingTableError(DangolError):
    """A table this notebook reads is not there yet; the message names what writes it."""


class ContractError(DangolError):
    """A table breaks its contract; the message lists every breach."""


class SkipNotebookError(DangolError):
    """The data set lacks what the notebook needs: it ends as skipped, not failed."""


class LeakageError(DangolError):
    """Features or model inputs know the future; the message names the columns."""
