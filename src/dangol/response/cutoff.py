"""How far down the list contacts pay: cut-offs chosen on earlier contacts, judged on later ones, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.currency import UNKNOWN_CURRENCY, Currency
from dangol.evaluation.campaign_log import CampaignLog
from dangol.params import RespondParams
from dangol.response.profit import (
    EVERYBODY,
    NETWORK,
    ProfitContest,
    best_cutoff,
    contact_terms,
    out_of_fold_probs,
    profit_curves,
)
from dangol.response.split import Split

_UNKNOWN = "Past answers carry no money and `answer_value` is not stated: no cut-off by profit can be chosen."


def cutoff_sentence(contest: ProfitContest, cutoff: float, currency: Currency = UNKNOWN_CURRENCY) -> str:
    """What contacting from the network's cut-off on earned, against the best plain way."""
    money = currency.in_text
    profit = contest.board().set_index("model")
    earned, low, high = (money(profit[name].loc[NETWORK]) for name in ("estimate", "low", "high"))
    best, terms = contest.duel().iloc[0], contest.terms
    more = {"wins": "more than", "ties": "no more, beyond chance, than", "loses": "less than"}[
        best["verdict"]
    ]
    gain, least, most = (money(float(best[name]), signed=True) for name in ("difference", "low", "high"))
    source = "measured on earlier contacts" if terms.is_measured else "as stated"
    whom = "nobody" if np.isinf(cutoff) else f"whoever answers with a probability of at least {cutoff:.1%}"
    return (
        f"An answer earns {money(terms.answer_value, 2)} ({source}), "
        f"a contact costs {money(terms.contact_cost, 2)}. Earlier contacts say: contact {whom}. "
        f"Of the later ones these are **{contest.chosen[NETWORK].mean():.0%}, and they earned {earned}** "
        f"({low} to {high}), {more} the best plain way, {best['rival'].replace('naive', 'the rule')} "
        f"({money(float(best['rival_profit']))}; difference {gain}, {least} to {most})."
    )


def cutoff_figures(contest: ProfitContest, cutoff: float) -> dict[str, float | str]:
    """The figures of a contest that reports name; amounts in currency."""
    profit = contest.board().set_index("model").loc[NETWORK]
    best = contest.duel().iloc[0]
    return {
        "answer_value": contest.terms.answer_value,
        "contact_cost": contest.terms.contact_cost,
        "cutoff_prob": min(cutoff, 1.0),
        "cutoff_contacted_share": float(contest.chosen[NETWORK].mean()),
        "cutoff_profit": profit["estimate"],
        "cutoff_profit_low": profit["low"],
        "cutoff_profit_high": profit["high"],
        "cutoff_rival": str(best["rival"]),
        "cutoff_rival_profit": best["rival_profit"],
        "cutoff_difference": best["difference"],
        "cutoff_verdict": str(best["verdict"]),
    }


@dataclass(frozen=True)
class Cutoff:
    """How far down the list contacts pay.

    Attributes:
        told: in words.
        claim: the title of its figure.
        figures: for the records; empty where nothing is known of money.
        board: rows for the leaderboard.
        curves: from `profit_curves`.
    """

    told: str
    claim: str
    figures: Mapping[str, float | str]
    board: pd.DataFrame
    curves: pd.DataFrame


def _unknown_cutoff() -> Cutoff:
    """No rows, of the kinds they would have: a leaderboard takes them in."""
    board = pd.DataFrame(columns=["model", "metric", "estimate", "low", "high"])
    curves = pd.DataFrame(columns=["model", "share_contacted", "profit", "is_cutoff"])
    numbers = dict.fromkeys(("estimate", "low", "high"), "float64")
    claim = "No cut-off by profit: nothing is known of money"
    return Cutoff(_UNKNOWN, claim, {}, board.astype(numbers), curves)


def judge_cutoff(
    log: CampaignLog,
    split: Split,
    models: Mapping[str, Any],
    X: pd.DataFrame,
    probs: Mapping[str, npt.ArrayLike],
    params: RespondParams,
    currency: Currency = UNKNOWN_CURRENCY,
) -> Cutoff:
    """Choose cut-offs on the contacts models have learnt from, judge them on the test contacts.

    Args:
        log: the campaign log.
        split: training and test contacts.
        models: from `fit_model`, fitted on ``split.train``; at least ``network`` and ``naive``.
        X: what they were fitted on.
        probs: model to its probabilities for ``split.test``.
        params: money, resamples and seed.
        currency: of the data set.
    """
    terms = contact_terms(log, split, params.answer_value, params.margin_rate, params.incremental_share)
    if terms is None:
        return _unknown_cutoff()
    learnt = out_of_fold_probs(models, X)
    cutoffs = {name: best_cutoff(split.train["is_answered"], prob, terms) for name, prob in learnt.items()}
    truth, groups = split.test["is_answered"], split.test["customer_id"]
    rest = {"terms": terms, "groups": groups, "n_boot": params.n_boot, "seed": params.seed}
    contest = ProfitContest.of_cutoffs(cutoffs, probs, y=truth, **rest)
    board = contest.board()
    profit = board.set_index("model")["estimate"]
    claim = (
        f"The {contest.chosen[NETWORK].mean():.0%} of contacts chosen earned "
        f"{currency.amount(profit[NETWORK])}, contacting everybody {currency.amount(profit[EVERYBODY])}"
    )
    return Cutoff(
        cutoff_sentence(contest, cutoffs[NETWORK], currency),
        claim,
        cutoff_figures(contest, cutoffs[NETWORK]),
        board,
        profit_curves(truth, probs, cutoffs, terms),
    )
