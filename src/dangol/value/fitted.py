"""What all fitted value models have in common: attributes, fallback warning, parameters set by hand."""

from __future__ import annotations

import warnings
from typing import Self

import numpy as np

from dangol.value.likelihood import Array, Fit, FitWarning, Problem, maximise


class LikelihoodModel:
    """A distribution with positive parameters, fitted by maximum likelihood.

    Attributes (after ``fit``):
        params_: natural-scale parameters by name; times in ``time_unit_days``, money in the currency of the
            data.
        standard_errors_: by name, from the Hessian on the log scale by the delta method; NaN after "moments".
        log_likelihood_: of all customers at ``params_``, without any penalty.
        converged_: True only for a proper interior maximum of the likelihood.
        method_: "maximum likelihood", "penalised likelihood", "moments" or "given".
        message_: why, in words.
        n_customers_: how many customers the fit saw.
    """

    parameter_names: tuple[str, ...] = ()

    params_: dict[str, float]
    standard_errors_: dict[str, float]
    log_likelihood_: float
    converged_: bool
    method_: str
    message_: str
    n_customers_: int

    def with_params(self, **params: float) -> Self:
        """Take parameters as known instead of fitting them, and return the model.

        Raises:
            ValueError: if a name is missing or unknown, or a value is not positive and finite.
        """
        if set(params) != set(self.parameter_names):
            raise ValueError(
                f"{type(self).__name__} has parameters {', '.join(self.parameter_names)}; "
                f"received {', '.join(params) or 'none'}. Name each of them once."
            )
        values = np.array([params[name] for name in self.parameter_names], dtype=float)
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(
                f"parameters must be positive and finite; received {params}. Correct the values."
            )
        nothing = np.full(len(values), np.nan)
        self._keep(Fit(values, nothing, float("nan"), True, "given", "parameters were given"), 0)
        return self

    def _fit_problem(self, problem: Problem, notes: str = "", is_substitute: bool = False) -> None:
        """Fit and keep the result; warn unless it is a proper maximum, learnt from the data meant for it."""
        fit = maximise(problem)
        if notes:
            fit = Fit(**{**vars(fit), "message": f"{fit.message}; {notes}"})
        self._keep(fit, int(problem.counts.sum()))
        if is_substitute or not fit.converged:
            warnings.warn(f"{type(self).__name__}: {fit.message}.", FitWarning, stacklevel=3)

    def _keep(self, fit: Fit, n_customers: int) -> None:
        self.params_ = dict(zip(self.parameter_names, fit.params.tolist(), strict=True))
        self.standard_errors_ = dict(zip(self.parameter_names, fit.standard_errors.tolist(), strict=True))
        self.log_likelihood_ = fit.log_likelihood
        self.converged_ = fit.converged
        self.method_ = fit.method
        self.message_ = fit.message
        self.n_customers_ = n_customers

    def _values(self) -> Array:
        """Fitted parameters in the order of ``parameter_names``."""
        if not hasattr(self, "params_"):
            raise ValueError(f"this {type(self).__name__} is not fitted. Call fit(frame) first.")
        return np.array([self.params_[name] for name in self.parameter_names])
