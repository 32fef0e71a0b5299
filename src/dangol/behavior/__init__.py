"""Predicting what each customer does over the next horizon."""

from dangol.behavior.contest import Contest, claim, key_figures, lost_sentence, plain_words, verdict_figures
from dangol.behavior.forecasts import customer_behavior, network_forecasts
from dangol.behavior.histories import category_history, sequence_history
from dangol.behavior.inputs import model_inputs
from dangol.behavior.outcomes import Outcomes, behavior_outcomes, waiting_times
from dangol.behavior.reasons import LIMITS, lapse_importance, lapse_reasons
from dangol.behavior.rivals import fitted_forecasts, naive_forecasts
from dangol.behavior.snapshots import BehaviorData, behavior_data

__all__ = [
    "LIMITS",
    "BehaviorData",
    "Contest",
    "Outcomes",
    "behavior_data",
    "behavior_outcomes",
    "category_history",
    "claim",
    "customer_behavior",
    "fitted_forecasts",
    "key_figures",
    "lapse_importance",
    "lapse_reasons",
    "lost_sentence",
    "model_inputs",
    "naive_forecasts",
    "network_forecasts",
    "plain_words",
    "sequence_history",
    "verdict_figures",
    "waiting_times",
]
