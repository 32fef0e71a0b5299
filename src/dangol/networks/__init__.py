"""Neural networks for customer tables, as scikit-learn estimators; Keras is imported by the first fit."""

from dangol.networks.estimators import NetworkClassifier, NetworkRegressor

__all__ = ["NetworkClassifier", "NetworkRegressor"]
