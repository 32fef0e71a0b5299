"""The parameters of a notebook as a form in JupyterLab: value, range, meaning, checked as they are typed."""

import ast
import html
import io
import os
import tokenize
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from dangol.params import Params
from dangol.progress import UNATTENDED

_BOUNDS = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}"}
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_ADVICE = "Run this cell and those below it: Run ▸ Run Selected Cell and All Below."


def show_form(params: Params) -> None:
    """Show the form below a cell; nothing happens outside JupyterLab and in unattended runs.

    A changed value is set as the variable of the parameters cell, so that this cell and those below it can be
    run again with it; a value that is not allowed is refused with one message. Where widgets cannot be
    shown, a table stands in their place.

    Args:
        params: made from the variables of the parameters cell.
    """
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    shell = get_ipython()
    if shell is None or UNATTENDED in os.environ:
        return
    past = shell.history_manager.input_hist_raw if shell.history_manager else []
    sources = [text for text in past if "variant: str" in text]
    meaning = meanings(sources[-1]) if sources else {}
    form = form_of(params, meaning, shell.user_ns)
    bundle = form._repr_mimebundle_()  # the public `display` offers no other text than the widget's own
    display({**bundle, "text/html": table_of(params, meaning)}, raw=True)


def form_of(params: Params, meaning: Mapping[str, str], variables: MutableMapping[str, Any]) -> Any:
    """The form as a widget.

    Args:
        params: whose values it starts from, and whose class checks them.
        meaning: of each parameter.
        variables: takes each value that is allowed.

    Returns:
        An ``ipywidgets.Accordion``, folded.
    """
    import ipywidgets

    cells: list[Any] = []
    message = ipywidgets.HTML(f"<small>{_ADVICE}</small>")
    values = params.model_dump()
    for name, field in type(params).model_fields.items():
        entry = _entry(field, values[name])
        entry.observe(_checker(name, type(params), values, variables, message), names="value")
        about = " · ".join(filter(None, (meaning.get(name, ""), allowed(field))))
        cells += [ipywidgets.HTML(f"<code>{name}</code>"), entry, ipywidgets.HTML(html.escape(about))]
    columns = ipywidgets.Layout(grid_template_columns="max-content 15rem minmax(0, 1fr)", grid_gap="0 1rem")
    grid = ipywidgets.GridBox(cells, layout=columns)
    return ipywidgets.Accordion(
        [ipywidgets.VBox([grid, message])], titles=("Change parameters",), selected_index=None
    )


def _entry(field: FieldInfo, value: Any) -> Any:
    """A widget for one value."""
    import ipywidgets

    layout = ipywidgets.Layout(width="15rem")
    if get_origin(field.annotation) is Literal:
        return ipywidgets.Dropdown(options=get_args(field.annotation), value=value, layout=layout)
    kinds = {bool: ipywidgets.Checkbox, int: ipywidgets.IntText, float: ipywidgets.FloatText}
    kind = kinds.get(type(value))
    if kind is None:
        return ipywidgets.Text(value=value, continuous_update=False, layout=layout)
    return kind(value=value, layout=layout)


def _checker(
    name: str,
    kind: type[Params],
    values: dict[str, Any],
    variables: MutableMapping[str, Any],
    message: Any,
) -> Any:
    """What happens when one value changes."""

    def check(change: Mapping[str, Any]) -> None:
        tried = values | {name: change["new"]}
        try:
            kind(**tried)
        except ValidationError as error:
            faults = "; ".join(fault["msg"].removeprefix("Value error, ") for fault in error.errors())
            text = f"<b>{name} = {change['new']!r} is not allowed</b>: {faults}. {values[name]!r} stays."
        else:
            values[name] = variables[name] = change["new"]
            text = f"<b>{name} = {change['new']!r}</b>. {_ADVICE}"
        message.value = text

    return check


def table_of(params: Params, meaning: Mapping[str, str]) -> str:
    """Name, value, range and meaning of each parameter as an HTML table."""
    rows = [
        (name, repr(value), allowed(type(params).model_fields[name]), meaning.get(name, ""))
        for name, value in params.model_dump().items()
    ]
    heads = "".join(f"<th>{head}</th>" for head in ("parameter", "value", "allowed", "meaning"))
    lines = ("".join(f"<td>{html.escape(text)}</td>" for text in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def allowed(field: FieldInfo) -> str:
    """What a parameter may be, in words; empty if any text will do.

    >>> allowed(Params.model_fields["seed"])
    'from 0 below 2147483648'
    """
    if get_origin(field.annotation) is Literal:
        return "one of " + ", ".join(map(str, get_args(field.annotation)))
    bounds = {
        key: bound
        for part in field.metadata
        for key in _BOUNDS
        if (bound := getattr(part, key, None)) is not None
    }
    return " ".join(
        words.format(f"{bounds[key]:g}" if isinstance(bounds[key], float) else bounds[key])
        for key, words in _BOUNDS.items()
        if key in bounds
    )


def meanings(source: str) -> dict[str, str]:
    """Name to the comment within the lines that assign it; empty if the text is no valid Python.

    >>> meanings('budget: float = 100.0  # for all contacts')
    {'budget': 'for all contacts'}
    """
    lines: dict[int, str] = {}
    try:
        body = ast.parse(source).body
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                lines[token.start[0]] = token.string.lstrip("# ").strip()
    except (tokenize.TokenError, SyntaxError):
        return {}
    found: dict[str, str] = {}
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if len(targets) == 1 and isinstance(targets[0], ast.Name):
            spoken = [lines[row] for row in range(node.lineno, (node.end_lineno or 0) + 1) if row in lines]
            found[targets[0].id] = " ".join(spoken)
    return found
