"""Pairwise F1 of identity resolution beside Splink with the settings of its own tutorials.

    python benchmarks/identity.py [TABLE ...] [--data ../shared/data]

Tables: fake_1000 (with Splink), febrl1, febrl2, febrl3 (Freely Extensible Biomedical Record Linkage), whose
true pairs are known. Dangol runs with its defaults. Splink runs with the settings of its quick start
(fake_1000) and of its febrl3 example (the three febrl tables): once clustered at the probability those
use, and once at whichever threshold suits the truth best, which nobody knows beforehand. Splink clusters by
connected components as well, so all three are judged as groups of records.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dangol.identity import pair_scores, resolve

TABLES = ("fake_1000", "febrl1", "febrl2", "febrl3")
_TUTORIAL_THRESHOLD = 0.95
_THRESHOLDS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
_FAKE_COLUMNS = {
    "source_key": "unique_id",
    "given_name": "first_name",
    "surname": "surname",
    "birth_date": "dob",
    "city": "city",
    "email": "email",
}
_FEBRL_COLUMNS = {
    "source_key": "rec_id",
    "given_name": "given_name",
    "surname": "surname",
    "street_number": "street_number",
    "address": ["address_1", "address_2"],
    "city": "suburb",
    "postcode": "postcode",
    "birth_date": "date_of_birth",
    "identifier": "soc_sec_id",
}


def main() -> None:
    """Print one row per table and method."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE", default=[])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds people/")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.tables) - set(TABLES)):
        parser.error(f"no table {', '.join(unknown)}; there are {', '.join(TABLES)}")
    for table in arguments.tables or TABLES:
        people, person = load(arguments.data / "people", table)
        is_fake = table == "fake_1000"
        columns, tutorial = (_FAKE_COLUMNS, splink_fake) if is_fake else (_FEBRL_COLUMNS, splink_febrl)
        started = time.perf_counter()
        found = dangol_groups(people, columns)
        show(table, "dangol", found, person, time.perf_counter() - started)
        started = time.perf_counter()
        groups = tutorial(people)
        found = groups(_TUTORIAL_THRESHOLD)
        show(table, "splink tutorial", found, person, time.perf_counter() - started)
        at = {threshold: groups(threshold) for threshold in _THRESHOLDS}
        best = max(at, key=lambda t, a=at, p=person: pair_scores(a[t], p)["f1_score"])
        show(table, f"splink, best threshold ({best:g})", at[best], person)


def load(folder: Path, table: str) -> tuple[pd.DataFrame, np.ndarray]:
    """The records as text, and per record the person."""
    people = pd.read_csv(folder / f"{table}.csv", dtype="str", skipinitialspace=True)
    people = people.rename(columns=str.strip)
    people = people.apply(lambda column: column.str.strip()).replace("", np.nan)
    if table == "fake_1000":
        return people.drop(columns="cluster"), people["cluster"].to_numpy()
    return people, people["rec_id"].str.extract(r"rec-(\d+)-")[0].to_numpy()


def show(
    table: str, method: str, group: np.ndarray, person: np.ndarray, seconds: float | None = None
) -> None:
    """One line: precision, recall, F1, and seconds where they were taken."""
    scores = pair_scores(group, person)
    rates = f"precision {scores['precision_rate']:.4f} recall {scores['recall_rate']:.4f}"
    took = "" if seconds is None else f"  {seconds:6.1f} s"
    print(f"{table:<10} {method:<34} {rates} F1 {scores['f1_score']:.4f}{took}", flush=True)


def dangol_groups(people: pd.DataFrame, columns: dict[str, Any]) -> np.ndarray:
    """Customer per record, in the order of the records."""
    identity = resolve(people, columns=columns, region="GB").customer_identity
    by_key = identity.set_index("source_key")["customer_id"]
    return by_key.reindex(people[columns["source_key"]]).to_numpy()


def splink_fake(people: pd.DataFrame) -> Callable[[float], np.ndarray]:
    """Groups by threshold, with the settings of Splink's quick start."""
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.JaroAtThresholds("surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking_rules_to_generate_predictions=[block_on("first_name", "dob"), block_on("surname")],
    )
    sure = [block_on("first_name", "surname")]
    return _groups(
        people, settings, "unique_id", sure, 0.7, [block_on("first_name", "surname"), block_on("email")]
    )


def splink_febrl(people: pd.DataFrame) -> Callable[[float], np.ndarray]:
    """Groups by threshold, with the settings of Splink's febrl3 example."""
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    fields = ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(field) for field in fields],
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
    )
    sure: list[Any] = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    swapped = "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth"
    blocks = [block_on("date_of_birth"), block_on("postcode")]
    return _groups(people, settings, "rec_id", [*sure, swapped], 0.9, blocks)


def _groups(
    people: pd.DataFrame, settings: Any, key: str, sure: list[Any], recall: float, blocks: list[Any]
) -> Callable[[float], np.ndarray]:
    """Train as the tutorials do; give back the groups at any threshold."""
    from splink import DuckDBAPI, Linker

    database = DuckDBAPI()
    linker = Linker(database.register(people), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(sure, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for block in blocks:
        linker.training.estimate_parameters_using_expectation_maximisation(block)
    pairs = linker.inference.predict(threshold_match_weight=-10, warning_mode="never")

    def groups(threshold: float) -> np.ndarray:
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold)
        by_key = found.as_pandas_dataframe().set_index(key)["cluster_id"]
        return by_key.reindex(people[key]).to_numpy()

    return groups


if __name__ == "__main__":
    main()
