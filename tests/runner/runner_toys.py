"""Toy notebooks and a toy data set: three notebooks that run in a second or two each."""

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin

import pandas as pd
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from dangol import params
from dangol.files import sha256_of_file, write_json
from dangol.runner.execute import Execution, Failure
from dangol.runner.notebook import Notebook
from dangol.sources.raw import Manifest, describe_files
from dangol.tracking import ChildRun, StageRecord

DATASET, AS_OF = "complete_journey", "2017-12-03"
COMMON = (
    f'dataset: str = "{DATASET}"  # data set\nas_of: str = "{AS_OF}"  # exclusive\n'
    'seed: int = 1\nvariant: str = "full"\n'
)
IMPORTS = "import pandas as pd\n\nfrom dangol import tables\nfrom dangol.records import record\n"
_CANDIDATES = (1, 3, 28, 50, 0.5, True, "2017-10-01", "text", "KR")

STORES = "stores = pd.DataFrame({'store_id': [1, 2], 'channel': ['shop', 'web']})"
PRODUCTS = (
    "products = pd.DataFrame({'product_id': [1], 'department': ['d'], 'category': ['c'], 'brand': ['b']})"
)
KPI = (
    "kpi = pd.DataFrame({'campaign_id': [1], 'campaign_type': ['A'], 'month_date': [pd.Timestamp(as_of)],"
    " 'n_contacts': [len(stores)], 'n_responses': [seed]})"
)
RULE = (
    "rule = pd.DataFrame({'rule': ['none'], 'n_customers': [n_kpi], 'expected_profit': [1.0],"
    " 'profit_cost': [0.0]})"
)


def integrate(*extra: str) -> list[str]:
    """Notebook 01: writes stores and products."""
    return [
        STORES + "\n" + PRODUCTS,
        *extra,
        "tables.STORES.write(stores, params.folder)\ntables.PRODUCTS.write(products, params.folder)",
        "record({'n_stores': len(stores), 'cost_amount': 0.5}, params.folder)",
    ]


def understand(*extra: str) -> list[str]:
    """Notebook 02: reads stores, writes a KPI."""
    return [
        "stores = tables.STORES.read(params.folder)",
        *extra,
        KPI + "\ntables.CAMPAIGN_KPI.write(kpi, params.folder)",
        "record({'n_kpi': len(kpi)}, params.folder)",
    ]


def crosssell(*extra: str) -> list[str]:
    """Notebook 06: reads products, writes no table."""
    return [
        "products = tables.PRODUCTS.read(params.folder)",
        *extra,
        "record({'n_products': len(products), 'verdict': 'fine'}, params.folder)",
    ]


def plan(*extra: str) -> list[str]:
    """Notebook 08: reads the KPI, writes a rule."""
    return [
        "n_kpi = len(tables.CAMPAIGN_KPI.read(params.folder))",
        *extra,
        RULE + "\ntables.PLAN_RULE_COST.write(rule, params.folder)",
        "record({'n_rules': len(rule)}, params.folder)",
    ]


TOYS = {
    "01_integrate": ("IntegrateParams", integrate),
    "02_understand": ("UnderstandParams", understand),
    "06_crosssell": ("CrosssellParams", crosssell),
    "08_plan": ("PlanParams", plan),
}


def write_notebook(folder: Path, name: str, params_class: str, cells: list[str], **fields: object) -> Path:
    """Write ``<name>.ipynb`` in the house's form around some code cells."""
    values = {**any_values(getattr(params, params_class)), **fields}
    declared = COMMON + "".join(
        f"{key}: {type(value).__name__} = {value!r}\n" for key, value in values.items()
    )
    arguments = ", ".join(f"{key}={key}" for key in ("dataset", "as_of", "seed", "variant", *values))
    call = f"params = {params_class}({arguments})"
    sources = [IMPORTS + f"from dangol.params import {params_class}", declared.rstrip(), call, *cells]
    content = {
        "cells": [
            {"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# Toy {name}\n\nWhy?"},
            *(_code(number, source) for number, source in enumerate(sources)),
        ],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / f"{name}.ipynb"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1))
    return path


def any_values(params_class: type[params.Params]) -> dict[str, object]:
    """Some valid value for each field of a class, so that the toys outlive changes of the real notebooks."""
    own = {n: f for n, f in params_class.model_fields.items() if n not in params.Params.model_fields}
    return {name: _any_value(field) for name, field in own.items()}


def _any_value(field: FieldInfo) -> object:
    kind = field.annotation
    choices = get_args(kind) if get_origin(kind) is Literal else _CANDIDATES
    for value in choices:
        with contextlib.suppress(ValidationError):
            return TypeAdapter(Annotated[kind, *field.metadata, "valid"]).validate_python(value, strict=True)
    raise AssertionError(f"no candidate fits {field}")


def _code(number: int, source: str) -> dict:
    return {
        "cell_type": "code",
        "id": f"cell{number}",
        "metadata": {"tags": ["parameters"] if number == 1 else []},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


def write_toys(folder: Path, **extra: list[str]) -> Path:
    """Write all toy notebooks; ``extra`` puts cells into the middle, by verb."""
    for name, (params_class, cells) in TOYS.items():
        write_notebook(folder, name, params_class, cells(*extra.get(name[3:], [])))
    return folder


def write_raw(home: Path, dataset: str = DATASET, n_rows: int = 3) -> None:
    """Put a tiny raw folder where `dangol.sources` finds and verifies it."""
    folder = home / "data" / "raw" / dataset
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"a": range(n_rows)}).to_parquet(folder / "toy.parquet")
    manifest = Manifest(
        dataset, "toy", "none", "2017-01-01", "2017-12-31", "2017-12-03", describe_files(folder)
    )
    write_json(asdict(manifest), folder / "manifest.json")


def digests_below(folder: Path) -> dict[str, str]:
    """File name to SHA-256 of everything below a folder."""
    return {str(p.relative_to(folder)): sha256_of_file(p) for p in sorted(folder.rglob("*")) if p.is_file()}


class FakeTracker:
    """Takes the place of MLflow where a test is about something else."""

    parent_id = None

    def __init__(self, *_: object) -> None:
        self.closed_with = ""

    def begin(self, record: StageRecord) -> ChildRun:
        return ChildRun(f"run-of-{record.name}", "http://run")

    def log(self, child: ChildRun, record: StageRecord) -> None:
        pass

    def close(self, status: str, reused: dict[str, str], seconds: float) -> None:
        self.closed_with = status


def execute_here(notebook: Notebook, injected: dict, target: Path, kernels: object) -> Execution:
    """Takes the place of papermill and its kernel: the same code, in this process, in milliseconds."""
    names: dict[str, object] = {}
    failure, cells = None, []
    for number, cell in enumerate((c for c in notebook.cells if c.kind == "code"), start=1):
        try:
            exec(cell.source, names)
        except Exception as error:
            failure = Failure(number, cell.source.splitlines()[0], type(error).__name__, str(error))
            break
        cells.append({"cell_type": "code", "source": [cell.source]})
        if "parameters" in cell.tags:
            names.update(injected)
            cells.append({"cell_type": "code", "source": ["# injected"]})
    write_json({"cells": cells, "metadata": {}}, target)
    EXECUTED.append(notebook.number)
    return Execution(0.1, failure)


EXECUTED: list[str] = []
