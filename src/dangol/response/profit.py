"""What contacts earn: the money behind a cut-off, how one is chosen, and how it does on later contacts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.bootstrap import paired_interval, score_table
from dangol.errors import InputError, SkipNotebookError
from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.classification import verdict
from dangol.modelcard import profit_curve
from dangol.planning.answer_value import value_of_answers
from dangol.response.split import Split

NETWORK, EVERYBODY, NOBODY = "network", "contact everybody", "contact nobody"
_DRAWS = 50  # of an interval that is not asked for here

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ContactTerms:
    """Money behind a cut-off.

    Attributes:
        answer_value: what one answer earns before the contact is paid, currency, above 0.
        contact_cost: of one contact, currency.
        is_measured: whether ``answer_value`` was taken from past answers; else it was stated.
    """

    answer_value: float
    contact_cost: float
    is_measured: bool


def contact_terms(
    log: CampaignLog, split: Split, answer_value: float, margin_rate: float, incremental_share: float
) -> ContactTerms | None:
    """What an answer earned and a contact cost among the contacts that models learn from.

    Args:
        log: the campaign log.
        split: nothing that came with or after its test contacts is seen.
        answer_value: as stated by whoever knows; 0 measures the extra spend of those who answered, or
            the money their answers carry, times the two rates.
        margin_rate: margin on sales, in [0, 1].
        incremental_share: part of the extra spend that the contact brought about, in [0, 1].

    Returns:
        None where nothing is stated and past answers carry no money.
    """
    contacts, responses, before = _before_the_test(log, split)
    is_sent = (contacts["arm"] != "control") & (contacts["contact_ts"] < before)
    cost = float(contacts.loc[is_sent, "contact_cost"].mean())
    if answer_value > 0:
        return ContactTerms(answer_value, cost, False)
    orders = None
    if log.events is not None:
        orders = log.events.orders().select("customer_id", "order_ts", "amount").execute()
    try:
        worth = value_of_answers(contacts, responses, orders, before, _DRAWS, seed=0)
    except (InputError, SkipNotebookError):
        return None
    measured = margin_rate * incremental_share * worth.extra_amount
    return ContactTerms(measured, cost, True) if measured > 0 else None


def _before_the_test(log: CampaignLog, split: Split) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    """Contacts and responses known without the test, and the exclusive end of what is seen of them."""
    if split.is_by_time:
        return log.contacts, log.responses, split.test["contact_date"].min()
    is_known = [
        part["customer_id"].isin(split.train["customer_id"]) for part in (log.contacts, log.responses)
    ]
    return log.contacts[is_known[0]], log.responses[is_known[1]], pd.Timestamp(log.known_until())


def out_of_fold_probs(models: Mapping[str, Any], X: pd.DataFrame) -> dict[str, Array]:
    """Probabilities of the network and the rule for the rows they learnt from, to choose cut-offs by.

    The network's are out of fold; the rule knows two rates of thousands of rows.

    Args:
        models: from `fit_model`; at least ``network`` and ``naive``.
        X: the rows both were fitted on, all of them.
    """
    network = models[NETWORK]
    return {
        NETWORK: np.asarray(network.head_.predict(network.out_of_fold_raw_)),
        "naive": np.asarray(models["naive"].predict_proba(X))[:, 1],
    }


def best_cutoff(y: npt.ArrayLike, prob: npt.ArrayLike, terms: ContactTerms) -> float:
    """The probability from which on contacts earned most; infinite where none earned its cost."""
    curve = profit_curve(y, prob, terms.answer_value, terms.contact_cost)
    best = float(curve.loc[curve["is_best"], "cutoff_prob"].iloc[0])
    return np.inf if np.isnan(best) else best


@dataclass(frozen=True)
class ProfitContest:
    """Ways of choosing whom to contact, and what each earns among contacts whose answers are known.

    Attributes:
        y: 1 for an answered contact.
        chosen: name of the way to a mask: contacted or not; one is ``network``.
        terms: money.
        groups: what is resampled as a whole, such as the customer of each contact.
        n_boot: resamples.
        seed: of the resampling.
    """

    y: npt.ArrayLike
    chosen: Mapping[str, npt.NDArray[np.bool_]]
    terms: ContactTerms
    groups: npt.ArrayLike
    n_boot: int
    seed: int

    @classmethod
    def of_cutoffs(
        cls,
        cutoffs: Mapping[str, float],
        probs: Mapping[str, npt.ArrayLike],
        **rest: Any,
    ) -> "ProfitContest":
        """Each model from its cut-off on, beside contacting everybody and nobody."""
        chosen = {name: np.asarray(probs[name]) >= cutoff for name, cutoff in cutoffs.items()}
        size = len(chosen[NETWORK])
        plain = {EVERYBODY: np.ones(size, dtype=bool), NOBODY: np.zeros(size, dtype=bool)}
        return cls(chosen={**chosen, **plain}, **rest)

    def board(self) -> pd.DataFrame:
        """``model``, ``metric`` (``profit`` of all together, currency), ``estimate``, ``low``, ``high``."""
        scores = {(name, "profit"): partial(self._profit, mask) for name, mask in self.chosen.items()}
        return score_table(scores, self.groups, self.n_boot, self.seed)

    def duel(self) -> pd.DataFrame:
        """The network less every other way, on the same resamples; the strongest rival first.

        Returns:
            ``rival``, ``rival_profit``, ``difference``, ``low``, ``high``, ``verdict``.
        """
        rows = []
        mine = partial(self._profit, self.chosen[NETWORK])
        for rival, mask in self.chosen.items():
            if rival != NETWORK:
                theirs = partial(self._profit, mask)
                gap = paired_interval(mine, theirs, self.groups, self.n_boot, self.seed)
                profit = float(theirs(np.ones((1, len(mask))))[0])
                rows.append((rival, profit, *gap, verdict(*gap, higher_is_better=True)))
        columns = ["rival", "rival_profit", "difference", "low", "high", "verdict"]
        return pd.DataFrame(rows, columns=columns).sort_values(
            "rival_profit", ascending=False, kind="stable", ignore_index=True
        )

    def _profit(self, mask: npt.NDArray[np.bool_], weights: Array) -> Array:
        earned = self.terms.answer_value * np.asarray(self.y, dtype="float64") - self.terms.contact_cost
        # a resample holds a few contacts more or less: profit as of as many as there are
        return np.asarray(weights @ np.where(mask, earned, 0.0) * weights.shape[1] / weights.sum(axis=1))


def profit_curves(
    y: npt.ArrayLike, probs: Mapping[str, npt.ArrayLike], cutoffs: Mapping[str, float], terms: ContactTerms
) -> pd.DataFrame:
    """Profit against the share contacted, best scores first, of every model that has a cut-off.

    Returns:
        ``model``, ``share_contacted``, ``profit``, ``is_cutoff`` (the point its cut-off leads to).
    """
    parts = []
    for name, cutoff in cutoffs.items():
        curve = profit_curve(y, probs[name], terms.answer_value, terms.contact_cost)
        n_chosen = int((np.asarray(probs[name]) >= cutoff).sum())
        parts.append(
            pd.DataFrame(
                {
                    "model": name,
                    "share_contacted": curve["n_contacted"] / curve["n_contacted"].iloc[-1],
                    "profit": curve["profit"],
                    "is_cutoff": curve["n_contacted"] == n_chosen,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
