"""``dangol new-notebook 10_name``: a notebook of the house's form, and the class of its parameters."""

import json
import re
from pathlib import Path
from string import Template
from typing import Any

from dangol.errors import InputError
from dangol.files import replacing
from dangol.runner.notebook import FILE_NAME, discover
from dangol.workspace import project_root

_NAME = re.compile(r"(\d{2})_([a-z]+)")
_PARAMS = Path("src/dangol/params.py")

_CELLS = (
    (
        "markdown",
        """# $number $Verb: $question

*Which decision does this serve, and who takes it? Two or three sentences.* It reads the customers that
notebook 01 has taken in, and writes no table yet.""",
    ),
    (
        "code",
        """import matplotlib.pyplot as plt
from IPython.display import Markdown

from dangol import tables
from dangol.forms import show_form
from dangol.params import $class_name
from dangol.plots import house_style
from dangol.records import record, record_figure""",
    ),
    (
        "parameters",
        """dataset: str = "$dataset"  # folder in data/raw
as_of: str = "$as_of"  # snapshot date, exclusive: nothing on or after it is seen
seed: int = 1  # of everything drawn at random
variant: str = "full"  # name of the run below the date""",
    ),
    (
        "code",
        """params = $class_name(dataset=dataset, as_of=as_of, seed=seed, variant=variant)
show_form(params)
customers = tables.CUSTOMERS.read(params.folder)""",
    ),
    (
        "markdown",
        """## 1 What comes in

*Why look at this first?* A customer counts from the day of the first order.""",
    ),
    (
        "code",
        """known = customers[~(customers["first_seen_date"] >= params.as_of)]
Markdown(f"**{len(known):,}** of {len(customers):,} customers were known before {params.as_of}.")""",
    ),
    (
        "markdown",
        """## 2 What the data say

*Why this figure?* Its title is the finding, computed from the data.""",
    ),
    (
        "code",
        """first_seen = known["first_seen_date"].dropna()
claim = f"{len(first_seen):,} of {len(known):,} customers have a known first day"
with house_style():
    figure, axes = plt.subplots(figsize=(6.5, 3))
    axes.hist(first_seen, bins=24)
    axes.set(xlabel="first day", ylabel="customers", title=claim)""",
    ),
    (
        "markdown",
        """## 3 What is kept

The numbers recorded here are those of the report and of MLflow; the last call marks the notebook as done.""",
    ),
    (
        "code",
        """record_figure(figure, "first_seen", claim, params.folder)
record({"n_customers_known": len(known)}, params.folder)""",
    ),
    (
        "markdown",
        """## Limits and references

* *What can this not tell? What would make it wrong?*
* *Source of every method and formula.*""",
    ),
)


def new_notebook(name: str, question: str) -> Path:
    """Write a notebook that runs at once, and the class of its parameters into ``dangol/params.py``.

    Args:
        name: ``NN_verb``, small letters; the number is the next free one.
        question: what the notebook answers, in one line.

    Returns:
        The new file.

    Raises:
        InputError: if the name is bad or taken, or the class exists; nothing is written then.
    """
    root = project_root()
    found = _checked(name.removesuffix(".ipynb"), root / "notebooks")
    number, verb = found[1], found[2]
    class_name = f"{verb.capitalize()}Params"
    params = (root / _PARAMS).read_text(encoding="utf-8")
    if re.search(rf"^class {class_name}\b", params, re.MULTILINE):
        raise InputError(
            f"dangol.params has a class {class_name} already; choose another word than '{verb}'."
        )
    defaults = discover(root / "notebooks")[0].defaults
    words = {
        "number": number,
        "Verb": verb.capitalize(),
        "class_name": class_name,
        "question": " ".join(question.split()),
    }
    content = _content(words | {key: str(defaults[key]) for key in ("dataset", "as_of")})
    target = root / "notebooks" / f"{number}_{verb}.ipynb"
    with replacing(target) as temporary, replacing(root / _PARAMS) as temporary_params:
        temporary_params.write_text(f"{params.rstrip()}\n{_class_text(class_name, number)}", encoding="utf-8")
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return target


def _checked(name: str, folder: Path) -> re.Match[str]:
    """The parts of the name, if it may be used."""
    taken = {
        path.name[:2]: path.name for path in sorted(folder.glob("*.ipynb")) if FILE_NAME.fullmatch(path.name)
    }
    free = f"{int(max(taken, default='00')) + 1:02}"
    found = _NAME.fullmatch(name)
    if found is None:
        raise InputError(
            f"expected a name like {free}_rank (the next number, a verb in small letters), received {name!r}"
        )
    if found[1] != free:
        why = f"{taken[found[1]]} has it" if found[1] in taken else "the numbers have no gap"
        raise InputError(f"number {found[1]} cannot be used: {why}. The next is {free}: {free}_{found[2]}")
    verbs = {path[3:].removesuffix(".ipynb"): path for path in taken.values()}
    if found[2] in verbs:
        raise InputError(f"'{found[2]}' is taken by {verbs[found[2]]}; choose another verb.")
    return found


def _content(words: dict[str, str]) -> dict[str, Any]:
    cells = []
    for place, (kind, text) in enumerate(_CELLS):
        source = Template(text).substitute(words).splitlines(keepends=True)
        cell: dict[str, Any] = {"id": f"cell-{place:02}", "metadata": {}, "source": source}
        if kind == "markdown":
            cells.append({"cell_type": "markdown", **cell})
            continue
        if kind == "parameters":
            cell["metadata"] = {"tags": ["parameters"]}
        cells.append({"cell_type": "code", "execution_count": None, "outputs": [], **cell})
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    ordered = [dict(sorted(cell.items())) for cell in cells]
    return {"cells": ordered, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _class_text(class_name: str, number: str) -> str:
    return f'''

class {class_name}(Params):
    """Notebook {number}."""

    notebook: ClassVar[str] = "{number}"
'''
