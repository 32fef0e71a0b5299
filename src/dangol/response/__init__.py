"""Who answers a campaign: contacts described as of their day, models in time order, scores for the next."""

from dangol.evaluation.campaign_log import CampaignLog
from dangol.response.cutoff import cutoff_figures, cutoff_sentence, judge_cutoff
from dangol.response.models import (
    BASELINES,
    MODEL_NAMES,
    compare_with_best_baseline,
    fit_model,
    predicted_probs,
)
from dangol.response.profit import (
    ProfitContest,
    best_cutoff,
    contact_terms,
    out_of_fold_probs,
    profit_curves,
)
from dangol.response.reasons import LIMITS, response_importance
from dangol.response.split import (
    describe_all,
    labelled_contacts,
    next_contacts,
    split_contacts,
    split_sentence,
)
from dangol.response.uplift import judge_uplift, next_uplift, uplift_sentence

__all__ = [
    "BASELINES",
    "LIMITS",
    "MODEL_NAMES",
    "CampaignLog",
    "ProfitContest",
    "best_cutoff",
    "compare_with_best_baseline",
    "contact_terms",
    "cutoff_figures",
    "cutoff_sentence",
    "describe_all",
    "fit_model",
    "judge_cutoff",
    "judge_uplift",
    "labelled_contacts",
    "next_contacts",
    "next_uplift",
    "out_of_fold_probs",
    "predicted_probs",
    "profit_curves",
    "response_importance",
    "split_contacts",
    "split_sentence",
    "uplift_sentence",
]
