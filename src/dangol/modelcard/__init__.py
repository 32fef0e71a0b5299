"""What people must know of a model before they use it: trust, reasons, groups, money, one page."""

from dangol.modelcard.calibration import Recalibration, calibration_by_decile, expected_calibration_error
from dangol.modelcard.card import CardFacts, model_card
from dangol.modelcard.cutoff import profit_curve
from dangol.modelcard.reasons import customer_reasons, permutation_importance
from dangol.modelcard.slices import slice_scores

__all__ = [
    "CardFacts",
    "Recalibration",
    "calibration_by_decile",
    "customer_reasons",
    "expected_calibration_error",
    "model_card",
    "permutation_importance",
    "profit_curve",
    "slice_scores",
]
