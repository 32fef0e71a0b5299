"""Who answers because of a contact: two networks, one for contacted customers, one for held-out ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.ranking import uplift_scores
from dangol.networks import NetworkClassifier
from dangol.response.models import response_network
from dangol.response.split import Split, control_contacts, describe_all

NO_CONTROL = "nobody was held out by lot"
NO_ANSWERS = "what held-out customers did is not among the answers"
_MIN_ANSWERS = 20


@dataclass(frozen=True)
class Uplift:
    """How much a contact changes the probability of an answer, learnt and judged by lot.

    Attributes:
        scores: per ``campaign_type`` and ``metric`` (as in ``uplift_scores``) ``estimate``, ``low``,
            ``high`` on customers the networks have not seen; without rows if nothing could be learnt.
        reason: why nothing could be learnt; empty if it could.
    """

    scores: pd.DataFrame
    reason: str = ""

    def of_next(self, campaign_type: pd.Series, raw: npt.NDArray[np.float64]) -> pd.Series:
        """The uplift to plan with.

        Where the ranking on unseen customers was better than chance it is the networks'; else
        everybody gets the measured average effect of the type, since telling customers apart would
        be guessing.

        Args:
            campaign_type: per planned contact.
            raw: difference of the two networks' probabilities, aligned.
        """
        found = self.scores.set_index(["campaign_type", "metric"])
        values = pd.Series(np.nan, index=campaign_type.index)
        for name in found.index.unique(level=0):
            rows = campaign_type == name
            ranks = found.loc[(name, "qini"), "low"] > 0
            average = found.loc[(name, "uplift_all"), "estimate"]
            values[rows] = raw[rows.to_numpy()] if ranks else average
        return values.clip(-1, 1)


def uplift_sentence(uplift: Uplift) -> str:
    """What was learnt about who answers because of a contact, type by type."""
    if uplift.reason:
        return f"What a contact changes cannot be learnt from these answers: {uplift.reason}."
    found = uplift.scores.set_index(["campaign_type", "metric"])
    lines = []
    for name in found.index.unique(level=0):
        overall, qini = found.loc[(name, "uplift_all")], found.loc[(name, "qini")]
        told = (
            "can be told apart" if qini["low"] > 0 else "cannot be told apart, so everybody gets the average"
        )
        lines.append(
            f"- **{name}**: a contact adds {100 * overall['estimate']:.2f} answers per hundred customers "
            f"({100 * overall['low']:.2f} to {100 * overall['high']:.2f}); whom it moves most {told} "
            f"(Qini {qini['estimate']:.4f}, {qini['low']:.4f} to {qini['high']:.4f}; 0 is chance)."
        )
    return "\n".join(lines)


def why_no_uplift(split: Split) -> str:
    """Why the contacts cannot show what a contact changes; empty if they can."""
    for controls in (split.train_controls, split.test_controls):
        if controls.empty:
            return NO_CONTROL
        if not _MIN_ANSWERS <= controls["is_answered"].sum() <= len(controls) - _MIN_ANSWERS:
            return NO_ANSWERS
    return ""


def judge_uplift(
    log: CampaignLog, split: Split, contacted: NetworkClassifier, n_boot: int, seed: int, max_epochs: int
) -> Uplift:
    """Fit the network of held-out customers in the training part, judge both in the test part.

    Args:
        log: the campaign log.
        split: as from ``split_contacts``.
        contacted: network fitted on ``split.train``.
        n_boot: resamples of customers for intervals.
        seed: of network and resampling.
        max_epochs: bound for the network.
    """
    if reason := why_no_uplift(split):
        return Uplift(pd.DataFrame(columns=["campaign_type", "metric", "estimate", "low", "high"]), reason)
    parts = [split.train, split.test, split.train_controls, split.test_controls]
    _, X_sent, X_learn, X_held = describe_all(log, parts)
    alone = fit_alone(X_learn, split.train_controls["is_answered"], seed, max_epochs)
    scores = []
    for name, sent in split.test.groupby("campaign_type", sort=True):
        held = split.test_controls["campaign_id"].isin(sent["campaign_id"]).to_numpy()
        X = pd.concat([X_sent.loc[sent.index], with_arm(X_held[held], sent["arm"].iloc[0])])
        is_treated = np.repeat([True, False], [len(sent), int(held.sum())])
        outcome = np.r_[sent["is_answered"], split.test_controls["is_answered"][held]]
        if is_treated.all():
            continue
        found = uplift_scores(outcome, is_treated, raw_uplift(contacted, alone, X), n_boot=n_boot, seed=seed)
        scores.append(found.assign(campaign_type=name))
    return Uplift(pd.concat(scores, ignore_index=True))


def fit_alone(X: pd.DataFrame, y: pd.Series, seed: int, max_epochs: int) -> NetworkClassifier:
    """The network of customers nobody contacted; there is no arm to know."""
    return response_network(seed, max_epochs).fit(X.drop(columns="arm", errors="ignore"), y)


def raw_uplift(contacted: Any, alone: Any, X: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Probability of an answer with a contact less that without, aligned with ``X``.

    Source:
        Two models ("T-learner"): Künzel, Sekhon, Bickel & Yu (2019), PNAS 116(10).
    """
    without = alone.predict_proba(X.drop(columns="arm", errors="ignore"))
    return np.asarray(contacted.predict_proba(X)[:, 1] - without[:, 1], dtype="float64")


def with_arm(X: pd.DataFrame, arm: str) -> pd.DataFrame:
    """The rows as if this arm had been sent to them."""
    if "arm" not in X:
        return X
    return X.assign(arm=pd.Categorical([arm] * len(X), categories=X["arm"].cat.categories))


def next_uplift(
    log: CampaignLog,
    uplift: Uplift,
    train: pd.DataFrame,
    planned: pd.DataFrame,
    contacted: NetworkClassifier,
    as_of: str,
    seed: int,
    max_epochs: int,
) -> pd.Series:
    """What a contact on ``as_of`` would change for each planned contact; missing if that cannot be learnt.

    Args:
        log: the campaign log.
        uplift: as judged on unseen customers.
        train: contacts whose known columns the networks use.
        planned: as from ``next_contacts``.
        contacted: network fitted on all contacts before ``as_of``.
        as_of: exclusive end of what is seen.
        seed: of the network.
        max_epochs: bound for the network of held-out customers.
    """
    if uplift.reason:
        return pd.Series(np.nan, index=planned.index)
    controls = control_contacts(log, as_of)
    _, X_next, X_held = describe_all(log, [train, planned, controls])
    alone = fit_alone(X_held, controls["is_answered"], seed, max_epochs)
    return uplift.of_next(planned["campaign_type"], raw_uplift(contacted, alone, X_next))
