"""Where data come from: a name becomes files in ``data/raw/`` and canonical tables."""

from dangol.sources.raw import Manifest
from dangol.sources.registry import about, dataset_names, fetch, refuse_taken_name, to_canonical

__all__ = ["Manifest", "about", "dataset_names", "fetch", "refuse_taken_name", "to_canonical"]
