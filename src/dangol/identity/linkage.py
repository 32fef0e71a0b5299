"""Which records belong to one person: weights learnt without labels, or plain rules where data are few."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from dangol.identity.blocking import block_keys
from dangol.identity.comparisons import Comparison, splink_settings, usable
from dangol.identity.engine import quiet_duckdb

FEWEST_SURE_PAIRS = 20  # pairs that agree on two strong fields; fewer teach no weights
KEPT_PROB = 0.01  # pairs less probable than this are counted, not kept
_U_PAIRS = 400_000  # random pairs from which chance agreement is learnt
_EM_PAIRS = 1_000_000.0
_EM_ITERATIONS = 12  # where nothing ever differs, more of them shrink a probability below what floats hold
_LEAST_M, _LEAST_U = 0.004, 1e-6  # even careful people change their e-mail address
_SURE_RECALL = 0.7  # share of matches the sure pairs find; a start that prior_of then corrects
_STRONG = {
    "name": ("given_name", "surname"),
    "birth date": ("birth_digits",),
    "phone": ("phone",),
    "e-mail": ("mailbox",),
    "identifier": ("identifier",),
    "street": ("street", "street_number"),
}

RULES = "rules"
WEIGHTS = "weights"


@dataclass(frozen=True)
class Linkage:
    """Pairs of records that may be one person.

    Attributes:
        pairs: one row per pair, ``left`` < ``right`` (row numbers of the records). ``match_prob``,
            missing under rules; ``prior_weight``; per field compared ``<field>_level`` (0 is
            different, -1 is missing) and ``<field>_weight`` (bits for or against, with the rarity
            of the value); ``rule`` names the rule that linked the pair, empty under weights.
        method: ``weights`` or ``rules``.
        reason: why that method, in a sentence.
        comparisons: the fields compared.
        n_compared: pairs looked at.
        difference_weight: per field the bits that "different" counts, negative; empty under rules.
            Where a field is often wrong, differing in it says little.
    """

    pairs: pd.DataFrame
    method: str
    reason: str
    comparisons: tuple[Comparison, ...]
    n_compared: int
    difference_weight: Mapping[str, float] = field(default_factory=dict)


def link(people: pd.DataFrame, seed: int = 1) -> Linkage:
    """Score the pairs of records that share a blocking key.

    The weights are those of Fellegi and Sunter (1969), as Splink estimates them: agreement by
    chance from random pairs, agreement of matches by expectation maximisation within several
    blocks; common values count less. The share of matches among all pairs, on which every
    probability rests, is then set so that it equals the sum of the probabilities.

    Args:
        people: as ``standardise`` returns it.
        seed: of the random pairs.
    """
    keys = block_keys(people)
    comparisons = tuple(usable(people))
    n_sure = _n_sure_pairs(people)
    if keys.empty or not keys.shape[1]:
        return Linkage(_no_pairs(()), RULES, "no two records share a key, so none are linked", (), 0)
    if n_sure < FEWEST_SURE_PAIRS or len(comparisons) < 2:
        why = (
            f"only {n_sure} pairs agree on two strong fields, {FEWEST_SURE_PAIRS} are needed to learn weights"
        )
        if len(comparisons) < 2:
            why = "fewer than two fields hold values to compare"
        return _by_rules(people, why)
    with quiet_duckdb() as connection:
        table, settings = _splink_table(connection, people, keys), _settings(keys, comparisons)
        model = _mended(_trained(table, settings, people, seed))
        if fault := _untrusted(model):
            return _by_rules(people, fault)
        pairs, n_compared = _by_weights(connection, table, model, comparisons)
    reason = f"weights learnt without labels; {n_sure:,} pairs agree on two strong fields"
    return Linkage(pairs, WEIGHTS, reason, comparisons, n_compared, _difference_weight(model))


def prior_of(weights: np.ndarray, n_pairs: float, start: float) -> float:
    """The share of matches among all pairs that equals the mean of the probabilities it leads to.

    Args:
        weights: log2 Bayes factors of the pairs looked at; pairs not looked at count as no match.
        n_pairs: of all records.
        start: first guess, in (0, 1).
    """
    share = start
    for _ in range(200):
        found = float(_probability(weights, share).sum()) / n_pairs
        found = min(max(found, 0.1 / n_pairs), 0.5)
        if abs(found - share) < 1e-6 * share:
            break
        share = found
    return share


def _probability(weights: np.ndarray, share: float) -> np.ndarray:
    odds = np.exp2(np.clip(weights, -100, 100)) * share / (1 - share)
    return odds / (1 + odds)


def _by_weights(
    connection: Any, table: Any, model: dict, comparisons: tuple[Comparison, ...]
) -> tuple[pd.DataFrame, int]:
    """The pairs kept, and how many were compared."""
    from splink import Linker

    start = model["probability_two_random_records_match"]
    scored = Linker(table, model, log_level=None).inference.predict(warning_mode="never").physical_name
    total = connection.execute(f"SELECT match_weight FROM {scored}").fetchnumpy()["match_weight"]
    weights = np.asarray(total, dtype=float) - _logit(start)
    n_records = connection.execute(f"SELECT count(*) FROM {table.physical_name}").fetchone()[0]
    share = prior_of(weights, n_records * (n_records - 1) / 2, start)
    least = _logit(KEPT_PROB) - _logit(share) + _logit(start)
    kept = connection.execute(f"SELECT * FROM {scored} WHERE match_weight >= {least}").df()
    return _tidy(kept, comparisons, start, share), len(weights)


def _logit(share: float) -> float:
    """Log2 odds, the bits of a probability."""
    return float(np.log2(share / (1 - share)))


def _block_columns(keys: pd.DataFrame) -> dict[str, str]:
    return {name: f"block_{place}" for place, name in enumerate(keys.columns)}


def _splink_table(connection: Any, people: pd.DataFrame, keys: pd.DataFrame) -> Any:
    import pyarrow as pa
    from splink import DuckDBAPI

    blocks = keys.rename(columns=_block_columns(keys))
    frame = people.drop(columns=["birth_date", "recorded_date", "customer_id"], errors="ignore").assign(
        record=np.arange(len(people))
    )
    arrow = pa.Table.from_pandas(pd.concat([frame, blocks], axis=1), preserve_index=False)
    return DuckDBAPI(connection).register(arrow)


def _settings(keys: pd.DataFrame, comparisons: Sequence[Comparison]) -> Any:
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record",
        comparisons=[splink_settings(comparison) for comparison in comparisons],
        blocking_rules_to_generate_predictions=[block_on(name) for name in _block_columns(keys).values()],
        retain_matching_columns=True,
        max_iterations=_EM_ITERATIONS,
        retain_intermediate_calculation_columns=True,
    )


def _trained(table: Any, settings: Any, people: pd.DataFrame, seed: int) -> dict:
    """The model with its weights learnt, as Splink writes it down."""
    from splink import Linker, block_on

    linker = Linker(table, settings, log_level=None)
    present = _strong_fields(people)
    sure: list[Any] = [block_on(*_STRONG[one], *_STRONG[other]) for one, other in combinations(present, 2)]
    linker.training.estimate_probability_two_random_records_match(sure, recall=_SURE_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=_U_PAIRS, seed=seed, min_count_per_level=50)
    model = linker.misc.save_model_to_json()
    learnt = [_learnt_within(table, model, _STRONG[name]) for name in present]
    for comparison in model["comparisons"]:
        for place, level in enumerate(comparison["comparison_levels"]):
            key = (comparison["output_column_name"], place)
            if values := [block[key] for block in learnt if key in block]:
                level["m_probability"] = median(values)
    return model


def _learnt_within(table: Any, model: dict, block: tuple[str, ...]) -> dict[tuple[str, int], float]:
    """Agreement of matches, learnt from the pairs that share a field; by field and place of the level."""
    from splink import Linker, block_on
    from splink.internals.exceptions import SplinkException

    # a linker of its own: one whose training stopped halfway is not whole any more
    linker = Linker(table, deepcopy(model), log_level=None, validate_settings=False)
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*block), estimate_without_term_frequencies=True, max_pairs=_EM_PAIRS
        )
    except (SplinkException, ValueError):
        return {}  # no pair shares this field, or all agree: other blocks teach what they can
    return {
        (comparison["output_column_name"], place): level["m_probability"]
        for comparison in linker.misc.save_model_to_json()["comparisons"]
        for place, level in enumerate(comparison["comparison_levels"])
        if isinstance(level.get("m_probability"), float)
    }


def _mended(model: dict) -> dict:
    """The model without certainties: few matches were seen, so no level may count as impossible."""
    for comparison in model["comparisons"]:
        for level in comparison["comparison_levels"]:
            for kind, least in (("m_probability", _LEAST_M), ("u_probability", _LEAST_U)):
                if isinstance(level.get(kind), float):
                    level[kind] = max(level[kind], least)
    return model


def _untrusted(model: dict) -> str:
    """Why the learnt weights make no sense; empty if they do."""
    upside_down = [field for field, weight in _level_weight(model, 1).items() if weight <= 0]
    if upside_down:
        return f"the learnt weights count agreement on {', '.join(upside_down)} against a match"
    return ""


def _difference_weight(model: dict) -> Mapping[str, float]:
    return _level_weight(model, -1)


def _level_weight(model: dict, place: int) -> dict[str, float]:
    """Bits of one level of every field whose weights were learnt."""
    weights = {}
    for comparison in model["comparisons"]:
        level = comparison["comparison_levels"][place]
        m, u = level.get("m_probability"), level.get("u_probability")
        if isinstance(m, float) and isinstance(u, float) and m > 0 and u > 0:
            weights[comparison["output_column_name"]] = float(np.log2(m / u))
    return weights


def _strong_fields(people: pd.DataFrame) -> list[str]:
    return [name for name, columns in _STRONG.items() if people[list(columns)].notna().all(axis=1).sum() > 1]


def _n_sure_pairs(people: pd.DataFrame) -> int:
    """Pairs that agree on two strong fields, counted per two fields at most once."""
    counts = [0]
    for one, other in combinations(_strong_fields(people), 2):
        sizes = people.groupby([*_STRONG[one], *_STRONG[other]], dropna=True).size()
        counts.append(int((sizes * (sizes - 1) // 2).sum()))
    return max(counts)


def _tidy(
    scored: pd.DataFrame, comparisons: tuple[Comparison, ...], start: float, share: float
) -> pd.DataFrame:
    weights = scored["match_weight"].to_numpy(float) - _logit(start)
    columns: dict[str, Any] = {
        "left": scored[["record_l", "record_r"]].min(axis=1).astype("int64"),
        "right": scored[["record_l", "record_r"]].max(axis=1).astype("int64"),
        # the last bits differ between runs, because threads add in another order
        "match_prob": _probability(weights.round(6), share).round(9),
        "prior_weight": _logit(share),
    }
    for comparison in comparisons:
        field = comparison.field
        rarity = scored.get(f"mw_tf_adj_{field}", 0.0)
        columns[f"{field}_level"] = scored[f"gamma_{field}"].astype("int8")
        columns[f"{field}_weight"] = (scored[f"mw_{field}"] + rarity).round(6)
    pairs = pd.DataFrame(columns).assign(rule="")
    return pairs.sort_values(["left", "right"], ignore_index=True)


def _no_pairs(comparisons: tuple[Comparison, ...]) -> pd.DataFrame:
    kinds = {"left": "int64", "right": "int64", "match_prob": "float64", "prior_weight": "float64"}
    for comparison in comparisons:
        kinds |= {f"{comparison.field}_level": "int8", f"{comparison.field}_weight": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in (kinds | {"rule": "str"}).items()})


def _by_rules(people: pd.DataFrame, why: str) -> Linkage:
    """Pairs that agree on two strong fields: no probability, only a rule."""
    found = [_no_pairs(())]
    for one, other in combinations(_strong_fields(people), 2):
        columns = [*_STRONG[one], *_STRONG[other]]
        groups = people.dropna(subset=columns).groupby(columns).indices.values()
        together = [pair for group in groups for pair in combinations(sorted(group), 2)]
        rows = pd.DataFrame(together, columns=["left", "right"], dtype="int64")
        found.append(rows.assign(match_prob=np.nan, prior_weight=np.nan, rule=f"same {one} and {other}"))
    pairs = (
        pd.concat(found).drop_duplicates(["left", "right"]).sort_values(["left", "right"], ignore_index=True)
    )
    return Linkage(pairs, RULES, f"{why}; records that agree on two strong fields are linked", (), len(pairs))
