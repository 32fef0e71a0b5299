"""Runs the notebooks: parameters, order, kernels, cache, tracking, reports."""
