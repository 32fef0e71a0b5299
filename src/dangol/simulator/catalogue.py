"""Products, stores and what each segment likes to put into its basket."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.simulator.segments import SEGMENTS

# category: department, typical price of a unit, popularity
_CATEGORIES = {
    "fruit": ("fresh", 2.4, 1.6),
    "vegetables": ("fresh", 1.9, 1.6),
    "meat": ("fresh", 6.5, 1.0),
    "fish": ("fresh", 7.5, 0.5),
    "milk": ("dairy", 1.3, 1.5),
    "yoghurt": ("dairy", 1.6, 1.0),
    "cheese": ("dairy", 3.6, 0.45),
    "bread": ("bakery", 2.2, 1.5),
    "pastries": ("bakery", 1.7, 0.8),
    "breakfast": ("bakery", 3.1, 0.6),
    "pasta": ("grocery", 1.4, 0.5),
    "sauces": ("grocery", 2.3, 0.5),
    "canned food": ("grocery", 1.5, 0.8),
    "rice": ("grocery", 2.6, 0.6),
    "frozen meals": ("frozen", 3.8, 0.8),
    "ice cream": ("frozen", 3.9, 0.5),
    "crisps": ("snacks", 1.9, 0.5),
    "sweets": ("snacks", 2.1, 0.7),
    "biscuits": ("snacks", 2.3, 0.4),
    "coffee": ("drinks", 5.4, 0.45),
    "soft drinks": ("drinks", 1.7, 0.9),
    "beer": ("alcohol", 4.8, 0.4),
    "wine": ("alcohol", 7.9, 0.4),
    "nappies": ("baby", 9.5, 0.12),
    "baby food": ("baby", 1.8, 0.12),
    "laundry": ("household", 6.2, 0.5),
    "paper goods": ("household", 3.7, 0.6),
}
CATEGORIES = tuple(_CATEGORIES)
# how much more (or less) than on average units follow the price: what keeps is bought ahead
_PRICE_SENSITIVITY = {
    "fresh": 0.6,
    "dairy": 0.7,
    "bakery": 0.6,
    "baby": 0.8,
    "snacks": 1.3,
    "drinks": 1.3,
    "alcohol": 1.3,
    "household": 1.5,
}
# antecedent, consequent, lift: in a segment, P(both) = lift x P(antecedent) x P(consequent).
# No category may be in two pairs.
AFFINITIES = (
    ("pasta", "sauces", 3.0),
    ("coffee", "biscuits", 2.0),
    ("nappies", "baby food", 2.5),
    ("beer", "crisps", 2.5),
    ("cheese", "wine", 2.2),
)

PRODUCTS_PER_CATEGORY = 40
_TIERS = ("private", "national", "premium")
_TIER_SHARE = (0.3, 0.5, 0.2)
_TIER_PRICE = (0.75, 1.0, 1.7)
_TIER_COST_SHARE = (0.62, 0.74, 0.66)
_FIRST_PRODUCT_ID = 10_001
_REGIONS = ("north", "east", "south", "west")
_N_SHOPS = 8
ONLINE_STORE_ID = _N_SHOPS + 1


def price_elasticities() -> np.ndarray:
    """(n_segments, n_categories) planted elasticity of the units on a line, at most 0."""
    sensitivity = [_PRICE_SENSITIVITY.get(department, 1.0) for department, _, _ in _CATEGORIES.values()]
    return np.outer([segment.price_elasticity for segment in SEGMENTS], sensitivity)


def elasticity_table(strength: float) -> pd.DataFrame:
    """What is planted, one row per segment and category.

    Args:
        strength: multiplies every elasticity; 0 for customers who do not look at prices.
    """
    segment, category = np.indices((len(SEGMENTS), len(CATEGORIES))).reshape(2, -1)
    return pd.DataFrame(
        {
            "planted_segment": [SEGMENTS[number].name for number in segment],
            "department": [_CATEGORIES[CATEGORIES[number]][0] for number in category],
            "category": [CATEGORIES[number] for number in category],
            "price_elasticity": strength * price_elasticities()[segment, category],
        }
    )


@dataclass(frozen=True)
class Catalogue:
    """What can be bought, and who likes it.

    Attributes:
        products: one row per product, the canonical table.
        category: (n_products,) number of each product's category in ``CATEGORIES``.
        product_prob: (n_segments, n_products) probability that a line holds the product.
        category_prob: (n_segments, n_categories) the same summed over the category.
    """

    products: pd.DataFrame
    category: np.ndarray
    product_prob: np.ndarray
    category_prob: np.ndarray

    @property
    def n_products(self) -> int:
        """Number of products."""
        return len(self.products)


def draw_catalogue(rng: np.random.Generator) -> Catalogue:
    """Draw the products; the same for every number of customers."""
    n_products = len(CATEGORIES) * PRODUCTS_PER_CATEGORY
    category = np.repeat(np.arange(len(CATEGORIES)), PRODUCTS_PER_CATEGORY)
    tier = rng.choice(len(_TIERS), n_products, p=_TIER_SHARE)
    typical = np.array([price for _, price, _ in _CATEGORIES.values()])[category]
    price = typical * np.array(_TIER_PRICE)[tier] * rng.lognormal(0, 0.25, n_products)
    price = np.maximum(np.round(price, 1) - 0.01, 0.49).round(2)
    cost = (price * np.array(_TIER_COST_SHARE)[tier] * rng.uniform(0.95, 1.05, n_products)).round(2)
    rank = rng.permuted(np.tile(np.arange(PRODUCTS_PER_CATEGORY), (len(CATEGORIES), 1)), axis=1).ravel()
    brand_number = rng.integers(1, 7, n_products)
    products = pd.DataFrame(
        {
            "product_id": _FIRST_PRODUCT_ID + np.arange(n_products, dtype=np.int64),
            "department": [_CATEGORIES[CATEGORIES[number]][0] for number in category],
            "category": [CATEGORIES[number] for number in category],
            "brand": [_brand(*pair) for pair in zip(tier, brand_number, strict=True)],
            "brand_tier": [_TIERS[number] for number in tier],
            "list_price": price,
            "unit_cost": cost,
        }
    )
    product_prob = _product_prob(category, tier, rank)
    category_prob = product_prob.reshape(len(SEGMENTS), len(CATEGORIES), -1).sum(axis=2)
    return Catalogue(products, category, product_prob, category_prob)


def _brand(tier: int, number: int) -> str:
    return "Dangol" if _TIERS[tier] == "private" else f"{_TIERS[tier].title()} {number}"


def _product_prob(category: np.ndarray, tier: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Category share by segment, times Zipf popularity and the segment's taste for the tier."""
    within = np.empty((len(SEGMENTS), len(category)))
    share = np.empty((len(SEGMENTS), len(CATEGORIES)))
    for row, segment in enumerate(SEGMENTS):
        taste = np.array([segment.tier_taste[name] for name in _TIERS])
        within[row] = taste[tier] / (rank + 3.0)
        for column, (name, (department, _, popularity)) in enumerate(_CATEGORIES.items()):
            liking = segment.category_taste
            share[row, column] = popularity * liking.get(name, liking.get(department, 1.0))
    share /= share.sum(axis=1, keepdims=True)
    total = within.reshape(len(SEGMENTS), len(CATEGORIES), -1).sum(axis=2)
    return within * (share / total)[:, category]


def stores() -> pd.DataFrame:
    """The canonical table of stores: some shops and one online channel."""
    shop_regions = [_REGIONS[number % len(_REGIONS)] for number in range(_N_SHOPS)]
    return pd.DataFrame(
        {
            "store_id": np.arange(1, ONLINE_STORE_ID + 1, dtype=np.int64),
            "channel": ["store"] * _N_SHOPS + ["online"],
            "region": [*shop_regions, "nationwide"],
        }
    )


def region_of_shop(store_id: np.ndarray) -> np.ndarray:
    """Region names of shops (not of the online channel)."""
    return np.array(_REGIONS, dtype=object)[(store_id - 1) % len(_REGIONS)]


def draw_stores(rng: np.random.Generator, home_store_id: np.ndarray, online_share: np.ndarray) -> np.ndarray:
    """Where each order is placed: online, else mostly the home store, else any shop."""
    draw = rng.random((2, len(home_store_id)))
    other = 1 + (rng.random(len(home_store_id)) * _N_SHOPS).astype(np.int64)
    shop = np.where(draw[1] < 0.85, home_store_id, other)
    return np.where(draw[0] < online_share, ONLINE_STORE_ID, shop)


def draw_home_stores(rng: np.random.Generator, n: int) -> np.ndarray:
    """The shop each customer lives near; shops differ in size."""
    weight = np.linspace(2.0, 0.6, _N_SHOPS)
    return rng.choice(np.arange(1, _N_SHOPS + 1, dtype=np.int64), n, p=weight / weight.sum())
