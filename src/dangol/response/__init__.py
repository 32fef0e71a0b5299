"""Who answers a campaign: contacts described as of their day, models in time order, scores for the next."""

from dangol.evaluation.campaign_log import CampaignLog
from dangol.response.models import BASELINES, compare_with_best_baseline, fit_model, predicted_probs
from dangol.response.split import describe_all, labelled_contacts, next_contacts

__all__ = [
    "BASELINES",
    "CampaignLog",
    "compare_with_best_baseline",
    "describe_all",
    "fit_model",
    "labelled_contacts",
    "next_contacts",
    "predicted_probs",
]
