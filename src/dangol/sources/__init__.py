"""Where data come from: a name becomes files in ``data/raw/`` and canonical tables."""

from dangol.sources.raw import Manifest
from dangol.sources.registry import dataset_names, fetch, refuse_taken_name, to_canonical

__all__ = ["Manifest", "dataset_names", "fetch", "refuse_taken_name", "to_canonical"]
