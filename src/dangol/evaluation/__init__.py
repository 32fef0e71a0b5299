"""How good predictions were, and what campaigns really brought."""

from dangol.evaluation.campaign_effects import evaluate_campaigns
from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.campaign_result import CampaignResult, Design
from dangol.evaluation.course import course_figures, course_table
from dangol.evaluation.effect_tables import arm_table, effect_table
from dangol.evaluation.experiment import Experiment, evaluate_experiment
from dangol.evaluation.lessons import lesson_table, next_test, remembered_lessons
from dangol.evaluation.money import evaluation_counts, money_table, roi_table, total_money
from dangol.evaluation.plan_outcome import forecast_against_outcome, plan_outcome_figures
from dangol.evaluation.windows import past_campaigns

__all__ = [
    "CampaignLog",
    "CampaignResult",
    "Design",
    "Experiment",
    "arm_table",
    "course_figures",
    "course_table",
    "effect_table",
    "evaluate_campaigns",
    "evaluate_experiment",
    "evaluation_counts",
    "forecast_against_outcome",
    "lesson_table",
    "money_table",
    "next_test",
    "past_campaigns",
    "plan_outcome_figures",
    "remembered_lessons",
    "roi_table",
    "total_money",
]
