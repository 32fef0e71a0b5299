"""Batch scoring: a registered model on another date or data set, and whether it may be trusted there."""
