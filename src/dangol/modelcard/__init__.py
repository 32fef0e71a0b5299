"""What people must know of a model before they use it: trust, reasons, groups, money, one page."""

from dangol.modelcard.calibration import (
    CalibrationCheck,
    Recalibration,
    calibration_by_decile,
    check_calibration,
    expected_calibration_error,
)
from dangol.modelcard.card import CardFacts, model_card
from dangol.modelcard.cutoff import profit_curve
from dangol.modelcard.reasons import customer_reasons, permutation_importance
from dangol.modelcard.slices import group_scores, slice_scores

__all__ = [
    "CalibrationCheck",
    "CardFacts",
    "Recalibration",
    "calibration_by_decile",
    "check_calibration",
    "customer_reasons",
    "expected_calibration_error",
    "group_scores",
    "model_card",
    "permutation_importance",
    "profit_curve",
    "slice_scores",
]
