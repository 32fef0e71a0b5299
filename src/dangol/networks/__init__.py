"""Neural networks for customer tables, as scikit-learn estimators; Keras is imported by the first fit."""

from dangol.drift import DriftWarning
from dangol.networks.behavior_network import BehaviorNetwork
from dangol.networks.classifier import NetworkClassifier
from dangol.networks.regressor import NetworkRegressor

__all__ = ["BehaviorNetwork", "DriftWarning", "NetworkClassifier", "NetworkRegressor"]
