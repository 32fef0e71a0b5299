"""How good predictions were, and what campaigns really brought."""

from dangol.evaluation.campaign_effects import CampaignResult, Design, evaluate_campaigns
from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.experiment import Experiment, evaluate_experiment
from dangol.evaluation.money import effect_table, evaluation_counts, roi_table, total_money
from dangol.evaluation.windows import past_campaigns

__all__ = [
    "CampaignLog",
    "CampaignResult",
    "Design",
    "Experiment",
    "effect_table",
    "evaluate_campaigns",
    "evaluate_experiment",
    "evaluation_counts",
    "past_campaigns",
    "roi_table",
    "total_money",
]
