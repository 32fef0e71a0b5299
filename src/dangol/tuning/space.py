"""Which settings of the networks are worth a search, and within which bounds."""

from collections.abc import Mapping
from typing import Any

Settings = dict[str, Any]

DEFAULTS: Mapping[str, Any] = {
    "learning_rate": 1e-3,
    "dropout": 0.2,
    "hidden": "128-128",
    "kernels": "per_fold",
}
"""The settings of notebook 07's network, in the terms of the search: the first trial."""

_HIDDEN = ("64", "128", "64-64", "128-128", "256-256", "128-128-128")


def distributions() -> dict[str, Any]:
    """Name to Optuna distribution of every setting that is searched."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    return {
        "learning_rate": FloatDistribution(3e-4, 1e-2, log=True),
        "dropout": FloatDistribution(0.0, 0.5),
        "hidden": CategoricalDistribution(_HIDDEN),
        "kernels": CategoricalDistribution(("per_fold", "shared")),
    }


def parsed(texts: Mapping[str, str]) -> Settings:
    """Settings from the texts a tracker keeps, in the terms of the search.

    >>> parsed({name: str(value) for name, value in DEFAULTS.items()}) == DEFAULTS
    True
    """
    numbers = {name: float(texts[name]) for name in ("learning_rate", "dropout")}
    return {**numbers, "hidden": texts["hidden"], "kernels": texts["kernels"]}


def as_arguments(settings: Mapping[str, Any]) -> Settings:
    """Arguments of `NetworkClassifier`, `NetworkRegressor`; of `BehaviorNetwork` all but ``kernels``.

    >>> as_arguments(DEFAULTS)["hidden"]
    (128, 128)
    """
    return {**settings, "hidden": tuple(int(size) for size in str(settings["hidden"]).split("-"))}


def as_call(settings: Mapping[str, Any]) -> str:
    """The settings as Python, to be pasted."""
    told = ", ".join(f"{name}={value!r}" for name, value in as_arguments(settings).items())
    return f"NetworkClassifier({told})"
