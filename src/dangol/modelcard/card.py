"""The model card: one page about a model, written from the run that made it."""

from dataclasses import dataclass

import pandas as pd

_SHOWN = 10


@dataclass(frozen=True)
class CardFacts:
    """What a model card says.

    Attributes:
        name: of the model, as registered.
        question: what it predicts, one sentence.
        trained_on: rows and dates it learnt from, one sentence.
        judged_on: rows and date it was judged on, which it had not seen.
        verdict: the network against the best simpler model, one sentence.
        scores: one row per model × metric with ``estimate``, ``low``, ``high``.
        calibration_error: expected calibration error on the judged rows, in [0, 1].
        predicted_share: mean prediction there.
        actual_share: share of ones there.
        importance: as from `permutation_importance`; may be empty.
        groups: as from `slice_scores` with the column ``attribute``; may be empty.
        limits: what it must not be used for, and what it does not know.
    """

    name: str
    question: str
    trained_on: str
    judged_on: str
    verdict: str
    scores: pd.DataFrame
    calibration_error: float
    predicted_share: float
    actual_share: float
    importance: pd.DataFrame
    groups: pd.DataFrame
    limits: tuple[str, ...]


def model_card(facts: CardFacts) -> str:
    """The card as Markdown.

    Source:
        Mitchell et al. (2019), Model Cards for Model Reporting, FAT*, for what belongs on it.
    """
    sections = {
        "What it predicts": facts.question,
        "What it learnt from": facts.trained_on,
        "What it was judged on": facts.judged_on,
        "How good it is": f"{facts.verdict}\n\n{_scores(facts.scores)}",
        "Whether its probabilities can be taken at their word": (
            f"Mean prediction {facts.predicted_share:.1%}, actual share {facts.actual_share:.1%}; expected "
            f"calibration error {facts.calibration_error:.1%} (how far tenths of customers are off)."
        ),
        "What it looks at": _importance(facts.importance),
        "Whom it serves less well": _groups(facts.groups),
        "Limits": "\n\n" + "\n".join(f"- {limit}" for limit in facts.limits),
    }
    body = "\n\n".join(f"**{title}.** {text}" for title, text in sections.items())
    return f"### Model card: {facts.name}\n\n{body}\n"


def _scores(scores: pd.DataFrame) -> str:
    bounds = zip(scores["estimate"], scores["low"], scores["high"], strict=True)
    shown = [f"{estimate:.3f} ({low:.3f} to {high:.3f})" for estimate, low, high in bounds]
    cells = scores.assign(shown=shown).pivot_table(
        index="model", columns="metric", values="shown", aggfunc="first"
    )
    return _table(cells.loc[list(dict.fromkeys(scores["model"]))].reset_index())


def _importance(importance: pd.DataFrame) -> str:
    if importance.empty:
        return "Not measured."
    top = importance.head(_SHOWN)
    told = [f"{name} ({rise:+.4f})" for name, rise in zip(top["column"], top["log_loss_rise"], strict=True)]
    return "The log loss rises when its values are dealt out to other customers: " + ", ".join(told) + "."


def _groups(groups: pd.DataFrame) -> str:
    judged = groups.loc[groups["auc_score"].notna()] if "auc_score" in groups else groups.head(0)
    if judged.empty:
        return "No group of customers was large enough to say."
    flagged = judged.loc[judged["is_flagged"].astype(bool)]
    if flagged.empty:
        return f"None of {len(judged)} groups stands out beyond chance."
    same = ["group", "n", "auc_score", "predicted_share", "actual_share"]  # one set of people, several names
    told = [
        f"{', '.join(name.replace('_', ' ') for name in own['attribute'])}: {group} ({n:,} customers: AUC "
        f"{auc:.3f}, predicted {predicted:.1%}, actual {actual:.1%})"
        for (group, n, auc, predicted, actual), own in flagged.groupby(same, sort=False)
    ]
    return f"{len(told)} stand out among {judged[same].drop_duplicates().shape[0]}: " + "; ".join(told) + "."


def _table(frame: pd.DataFrame) -> str:
    rows = [[str(name) for name in frame], ["---"] * frame.shape[1], *frame.astype(str).to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
