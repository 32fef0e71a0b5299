"""The command ``dangol``. Commands import what they need when called: ``--help`` must come at once."""

import os
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from dangol.errors import DangolError
from dangol.tuning.command import tune
from dangol.upkeep import erase, status

_FILES_ADVICE = "Check that DANGOL_HOME is a folder that may be written, with room left, and run again."

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130

# options that `run` and `sweep` share
Preset = Annotated[str, typer.Option(help="Set of parameters: full or smoke.")]
Only = Annotated[str, typer.Option(metavar="NN,NN", help="Run just these notebooks.")]
Force = Annotated[bool, typer.Option("--force", help="Run even what has not changed.")]
Notebooks = Annotated[
    Path | None,
    typer.Option(file_okay=False, exists=True, help="Folder of the notebooks; the project's if left out."),
]

app = typer.Typer(
    name="dangol",
    help="Analytical CRM in numbered notebooks: from a company's raw files to reports.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
)
_out = Console()
_err = Console(stderr=True)


def main() -> NoReturn:
    """Entry point: every end has an exit code and at most one readable block."""
    for stop in (
        signal.SIGTERM,
        signal.SIGINT,
    ):
        signal.signal(stop, signal.default_int_handler)
    try:
        code = app(standalone_mode=False) or DONE  # typer turns Exit and Ctrl-C into a returned code
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except DangolError as error:
        _say(f"[bold red]error[/]: {escape(str(error))}")
        code = error.exit_code
    except OSError as error:
        where = Path(error.filename).name if error.filename else "a file"
        _say(f"[bold red]error[/]: {escape(error.strerror or str(error))}: {escape(where)}. {_FILES_ADVICE}")
        code = FAILED
    except Exception as error:
        code = _unexpected(error)
    if code == INTERRUPTED:
        _say(
            "[yellow]interrupted[/]: running notebooks were stopped, finished results are kept. "
            "Run again to go on."
        )
    sys.exit(code)


def _say(text: str) -> None:
    _err.print(text, soft_wrap=True, highlight=False)


def _unexpected(error: Exception) -> int:
    """Usage errors come with their own text; anything else is a fault of the program."""
    show = getattr(error, "show", None)
    if show is not None:
        show()
        return UNUSABLE
    if os.environ.get("DANGOL_DEBUG"):
        raise error
    from dangol.runner.scrub import cleaner

    _say(f"[bold red]unexpected {type(error).__name__}[/]: {escape(cleaner()(str(error)))}")
    _say("Set DANGOL_DEBUG=1 to see where it happened.")
    return FAILED


def _show_version(wanted: bool) -> None:
    if wanted:
        _out.print(version("dangol"), highlight=False)
        raise typer.Exit


@app.callback()
def _common(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Analytical CRM in numbered notebooks: from a company's raw files to reports.

    Exit codes: 0 done, 1 a notebook failed, 2 unusable arguments or data, 130 interrupted.
    """


@app.command()
def run(
    dataset: Annotated[str | None, typer.Option(help="Data set; the notebooks' own if left out.")] = None,
    preset: Preset = "full",
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Change a parameter; NN.name=value for one notebook."
        ),
    ] = None,
    only: Only = "",
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many notebooks at once.")] = 2,
    force: Force = False,
    notebooks: Notebooks = None,
) -> None:
    """Run the notebooks and write tables, pages, the report and MLflow runs.

    Only what has changed runs: code, parameters, input data, or an output that is missing or damaged.
    """
    from dangol.runner.run import Options
    from dangol.runner.run import run as run_notebooks
    from dangol.runner.settings import Request
    from dangol.runner.summary import show_result
    from dangol.sources import fetch

    request = Request(dataset, preset, tuple(changes or ()))
    chosen = tuple(number for number in only.split(",") if number.strip())
    result = run_notebooks(request, Options(chosen, workers, force, notebooks), _out, fetch)
    show_result(result, _out, _err)
    raise typer.Exit(result.exit_code)


@app.command()
def sweep(
    spec: Annotated[Path | None, typer.Argument(metavar="[SWEEP.yaml]", help="What to run.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Data set, where no file is given.")] = None,
    preset: Preset = "full",
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUES", help="A value, a|b|c, or a span: as_of=2017-06-01..2017-12-01/1M."
        ),
    ] = None,
    only: Only = "",
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many runs at once.")] = 2,
    resume: Annotated[bool, typer.Option("--resume", help="Run only what is missing.")] = False,
    force: Force = False,
    notebooks: Notebooks = None,
) -> None:
    """Run the notebooks many times with different parameters, and compare the runs.

    Stop it at any moment; --resume goes on. One failed run does not stop the others.
    """
    from dangol.errors import InputError
    from dangol.sources import fetch
    from dangol.sweeps.spec import read_sweep, sweep_of_options
    from dangol.sweeps.summary import show_sweep
    from dangol.sweeps.sweep import SweepOptions
    from dangol.sweeps.sweep import sweep as run_sweep

    if spec is not None and (changes or dataset or only or preset != "full"):
        raise InputError("with a sweep file, --dataset, --preset, --only and --set belong into the file")
    asked = read_sweep(spec) if spec else sweep_of_options(dataset, preset, only, changes or ())
    result = run_sweep(asked, SweepOptions(workers, resume, force, notebooks), _out, fetch)
    show_sweep(result, _out, _err)
    raise typer.Exit(result.exit_code)


@app.command()
def score(
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME[@ALIAS|/VERSION]",
            help="Registered model; only named, its champion if it has one. A wrong name lists them all.",
        ),
    ],
    dataset: Annotated[str, typer.Option(help="Data set whose customers are scored.")] = "complete_journey",
    as_of: Annotated[str | None, typer.Option(help="Snapshot date; the latest run if left out.")] = None,
    variant: Annotated[str, typer.Option(help="Which run's tables: full, smoke, full-1a2b3c4d.")] = "full",
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="File of the scores, .parquet or .csv.")
    ] = None,
) -> None:
    """Score customers with a model of the registry, such as behavior_network or behavior_network/1.

    The inputs are made anew from the tables of notebook 01, and held against the rows the model has
    learnt from: columns that have shifted are named.
    """
    from dangol.scoring.score import score as score_customers

    result = score_customers(model, dataset, as_of, variant, out)
    is_here = result.path.is_relative_to(Path.cwd())
    path = result.path.relative_to(Path.cwd()) if is_here else result.path
    for line in (*result.lines, f"written: {path} and {result.drift_path.name}"):
        _out.print(line, highlight=False, soft_wrap=True, markup=False)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="A select; left out, the tables are listed.")] = "",
    dataset: Annotated[str, typer.Option(help="Data set.")] = "complete_journey",
    as_of: Annotated[str | None, typer.Option(help="Snapshot date; the latest if left out.")] = None,
    variant: Annotated[str, typer.Option(help="Which parameters: full, smoke, full-1a2b3c4d.")] = "full",
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many rows.")] = 50,
) -> None:
    """Ask the tables of a run in SQL, such as "select segment, count(*) from customer_segment group by 1"."""
    from dangol.runner.query import ask, find_run, tables_of
    from dangol.runner.summary import show_rows

    run_folder = find_run(dataset, as_of, variant)
    if not query.strip():
        show_rows(tables_of(run_folder), _out)
        return
    answer = ask(query, run_folder, limit)
    show_rows(answer.rows, _out)
    if answer.is_cut:
        _out.print(f"first {limit} rows; --limit shows more", highlight=False)


@app.command()
def new_notebook(
    name: Annotated[str, typer.Argument(metavar="NN_verb", help="Next number and a verb: 10_rank.")],
    question: Annotated[
        str, typer.Option(help="What it answers, in one line.")
    ] = "what should we know before we decide?",
) -> None:
    """Start a notebook of the house's form: it runs at once and joins the flow, the report and MLflow."""
    from dangol.runner.new_notebook import new_notebook as write_notebook

    path = write_notebook(name, question)
    _out.print(f"wrote notebooks/{path.name} and its class in src/dangol/params.py", highlight=False)
    _out.print(
        f"next: dangol run --only 01,{path.name[:2]}; docs/notebooks.md says how to go on", highlight=False
    )


@app.command()
def init(
    sources: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files, a folder, or a postgresql:// address.")
    ],
    spec: Annotated[Path | None, typer.Option(help="Where to write the spec; beside the files.")] = None,
    dataset: Annotated[str, typer.Option(help="Name of the data set; from the files if left out.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite a spec that is there.")] = False,
) -> None:
    """Draft a spec for your own data: which file and column holds what.

    Looks at CSV, Parquet, Excel, SQLite, DuckDB and PostgreSQL. Guesses are marked with their reason,
    what cannot be known is left to fill in.
    """
    from dangol.sources.own.starting import start

    written = start(sources, spec, dataset, force)
    for line in written.notes:
        _say(f"[yellow]note[/]: {escape(line)}")
    _out.print(f"wrote {escape(str(written.path))}: {written.n_blanks} place(s) to fill in", highlight=False)
    _out.print(f"next: dangol check {escape(str(written.path))}", highlight=False, soft_wrap=True)


@app.command()
def check(spec: Annotated[Path, typer.Argument(help="The spec of your own data, a YAML file.")]) -> None:
    """Look for faults in a spec and its files: all of them, with rows and how to mend them.

    Exit codes: 0 it can run (what will be set aside is counted), 2 something blocks.
    """
    from dangol.sources import refuse_taken_name
    from dangol.sources.own.checking import check as check_spec

    refuse_taken_name(spec)
    verdict = check_spec(spec)
    for line in verdict.lines:
        _out.print(line, highlight=False, soft_wrap=True, markup=False)
    raise typer.Exit(UNUSABLE if verdict.blocks else DONE)


app.command()(tune)
app.command()(status)
app.command()(erase)
