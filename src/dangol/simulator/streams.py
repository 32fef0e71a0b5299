"""One random stream per thought, so that a new part of the world leaves the others as they were."""

import numpy as np

# Append only: a stream's numbers depend on its place in this tuple.
_NAMES = (
    "customers",
    "demographics",
    "arrivals",
    "purchases",
    "stores",
    "catalogue",
    "baskets",
    "campaign_plan",
    "campaigns",
    "campaign_baskets",
    "refunds",
    "dirt",
    "spend",
    "events",
    "people",
)


def stream(seed: int, name: str, *path: int) -> np.random.Generator:
    """The generator of one part of the world; calling again starts it anew.

    It is the one that ``SeedSequence(seed).spawn`` gives at the same place of the tree.

    Args:
        seed: the world's seed.
        name: which part, one of the names above.
        path: further branches: the block of customers, the number of the campaign.
    """
    place = (_NAMES.index(name), *path)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=place))
