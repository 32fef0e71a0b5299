"""Who answers a campaign: contacts described as of their day, models in time order, scores for the next."""

from dangol.evaluation.campaign_log import CampaignLog
from dangol.response.models import BASELINES, compare_with_best_baseline, fit_model, predicted_probs
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
    "CampaignLog",
    "compare_with_best_baseline",
    "describe_all",
    "fit_model",
    "judge_uplift",
    "labelled_contacts",
    "next_contacts",
    "next_uplift",
    "predicted_probs",
    "split_contacts",
    "split_sentence",
    "uplift_sentence",
]
