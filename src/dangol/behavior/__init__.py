"""Predicting what each customer does over the next horizon."""

from dangol.behavior.inputs import model_inputs
from dangol.behavior.snapshots import BehaviorData, behavior_data

__all__ = ["BehaviorData", "behavior_data", "model_inputs"]
