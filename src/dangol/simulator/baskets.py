"""What is in the baskets: order lines with planted category affinities."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.simulator.catalogue import AFFINITIES, CATEGORIES, Catalogue
from dangol.simulator.customers import Traits
from dangol.simulator.segments import NAMES, SEGMENTS

# Depths of discount, all as frequent.
_DISCOUNT_DEPTHS = (0.10, 0.20, 0.30, 0.40)


@dataclass(frozen=True)
class Lines:
    """One entry per order line, by order, then by product; a product is once in an order.

    Attributes:
        order: row number of the order.
        product: row number of the product.
        quantity: units.
        gross: list price times units, in cents.
        discount: price reduction in cents; what is paid is ``gross - discount``.
    """

    order: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    gross: np.ndarray
    discount: np.ndarray

    def __len__(self) -> int:
        return len(self.order)

    @property
    def paid(self) -> np.ndarray:
        """Amount paid before coupons, in cents."""
        return self.gross - self.discount

    def plus(self, other: "Lines", first_order: int) -> "Lines":
        """Append the lines of further orders, numbered from ``first_order`` on."""
        return Lines(
            np.concatenate([self.order, other.order + first_order]),
            np.concatenate([self.product, other.product]),
            np.concatenate([self.quantity, other.quantity]),
            np.concatenate([self.gross, other.gross]),
            np.concatenate([self.discount, other.discount]),
        )


def draw_lines(
    rng: np.random.Generator, order_customer: np.ndarray, traits: Traits, catalogue: Catalogue
) -> Lines:
    """Fill the basket of every order.

    Args:
        rng: the stream of this part.
        order_customer: row number of each order's customer.
        traits: of the customers.
        catalogue: products and tastes.
    """
    segment = traits.segment[order_customer].astype(np.int32)
    order, product = _draw_products(rng, segment, catalogue)
    extra_order, extra_product = _draw_consequents(rng, order, product, segment, catalogue)
    order = np.concatenate([order, extra_order])
    product = np.concatenate([product, extra_product])
    customer = order_customer[order]
    quantity = (1 + rng.poisson(traits.extra_units[customer])).astype(np.int32)
    depth = np.array(_DISCOUNT_DEPTHS)[rng.integers(0, len(_DISCOUNT_DEPTHS), len(order))]
    depth *= rng.random(len(order)) < traits.discount_share[customer]
    cents = np.rint(catalogue.products["list_price"].to_numpy() * 100).astype(np.int32)
    gross = quantity * cents[product]
    return _merge(Lines(order, product, quantity, gross, np.rint(gross * depth).astype(np.int32)))


def _draw_products(
    rng: np.random.Generator, segment: np.ndarray, catalogue: Catalogue
) -> tuple[np.ndarray, np.ndarray]:
    """Poisson numbers of lines, at least one; each line an independent draw from the segment's taste."""
    mean = np.array([item.basket_lines for item in SEGMENTS])
    n_lines = _positive_poisson(rng, mean[segment])
    order = np.repeat(np.arange(len(segment), dtype=np.int32), n_lines)
    # one search over all segments' cumulative tastes: segment s lies in (s, s + 1]
    cumulative = np.cumsum(catalogue.product_prob, axis=1)
    cumulative /= cumulative[:, -1:]
    shelf = (cumulative + np.arange(len(SEGMENTS))[:, None]).ravel()
    position = np.searchsorted(shelf, segment[order] + rng.random(len(order)), side="right")
    product = np.minimum(position - segment[order] * catalogue.n_products, catalogue.n_products - 1)
    return order, product.astype(np.int32)


def _positive_poisson(rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
    """Poisson counts given that they are at least 1.

    The first event of a unit of time happens at a truncated exponential instant; what remains of
    the unit brings a plain Poisson count.
    """
    instant = -np.log1p(rng.random(len(mean)) * np.expm1(-mean)) / mean
    return 1 + rng.poisson(mean * np.clip(1 - instant, 0, 1))


def _draw_consequents(
    rng: np.random.Generator,
    order: np.ndarray,
    product: np.ndarray,
    segment: np.ndarray,
    catalogue: Catalogue,
) -> tuple[np.ndarray, np.ndarray]:
    """Lines added because the antecedent of a planted pair is in the basket and its consequent is not."""
    category = catalogue.category[product].astype(np.int8)
    orders, products = [], []
    for _, row in affinity_table(catalogue).groupby(["antecedent", "consequent"], sort=False):
        antecedent, consequent = (
            CATEGORIES.index(row[name].iloc[0]) for name in ("antecedent", "consequent")
        )
        add_prob = row["add_prob"].to_numpy()
        holds = np.zeros(len(segment), dtype=bool)
        holds[order[category == antecedent]] = True
        holds[order[category == consequent]] = False
        able = np.flatnonzero(holds)
        chosen = able[rng.random(len(able)) < add_prob[segment[able]]]
        orders.append(chosen.astype(np.int32))
        products.append(_draw_in_category(rng, segment[chosen], consequent, catalogue))
    return np.concatenate(orders), np.concatenate(products)


def _draw_in_category(
    rng: np.random.Generator, segment: np.ndarray, category: int, catalogue: Catalogue
) -> np.ndarray:
    rows = np.flatnonzero(catalogue.category == category)
    cumulative = np.cumsum(catalogue.product_prob[:, rows], axis=1)
    cumulative /= cumulative[:, -1:]
    shelf = (cumulative + np.arange(len(SEGMENTS))[:, None]).ravel()
    position = np.searchsorted(shelf, segment + rng.random(len(segment)), side="right")
    return rows[np.minimum(position - segment * len(rows), len(rows) - 1)].astype(np.int32)


def _merge(lines: Lines) -> Lines:
    """Sort by order and product; the same product twice in an order becomes one line."""
    key = lines.order.astype(np.int64) * (2**20) + lines.product
    position = np.argsort(key, kind="stable")
    key = key[position]
    start = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else position
    if not len(key):
        return lines

    def total(values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values[position], start)

    first = position[start]
    return Lines(
        lines.order[first],
        lines.product[first],
        total(lines.quantity),
        total(lines.gross),
        total(lines.discount),
    )


def affinity_table(catalogue: Catalogue) -> pd.DataFrame:
    """What is planted, one row per pair and segment.

    Let ``a`` be the share of baskets with the antecedent, ``q`` the chance that the consequent
    comes by itself, ``g`` the share of baskets with the consequent and without the antecedent.
    A consequent is added to a basket with the antecedent alone with ``add_prob``, chosen so that
    ``P(both) = lift * P(antecedent) * P(consequent)``: from ``c = g + a * lift * c`` follows
    ``c = g / (1 - a * lift)`` and ``add_prob = (lift * c - q) / (1 - q)``.

    Returns:
        ``antecedent``, ``consequent``, ``lift``, ``planted_segment``, ``antecedent_prob``,
        ``consequent_prob`` (shares of the segment's baskets), ``add_prob``.
    """
    rows = []
    mean = np.array([item.basket_lines for item in SEGMENTS])
    filled = -np.expm1(-mean)
    for antecedent, consequent, lift in AFFINITIES:
        taste_a = catalogue.category_prob[:, CATEGORIES.index(antecedent)]
        taste_c = catalogue.category_prob[:, CATEGORIES.index(consequent)]
        a = -np.expm1(-mean * taste_a) / filled
        q = -np.expm1(-mean * taste_c)
        g = q * np.exp(-mean * taste_a) / filled
        c = g / (1 - a * lift)
        add_prob = (lift * c - q) / (1 - q)
        rows.append(
            pd.DataFrame(
                {
                    "antecedent": antecedent,
                    "consequent": consequent,
                    "lift": lift,
                    "planted_segment": NAMES,
                    "antecedent_prob": a,
                    "consequent_prob": c,
                    "add_prob": add_prob,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def pooled_affinities(catalogue: Catalogue, n_orders: np.ndarray) -> pd.DataFrame:
    """The planted pairs as they show over all baskets together.

    Segments with different tastes raise or lower the lift of pooled baskets; inside each segment
    it is ``lift``.

    Args:
        catalogue: tastes.
        n_orders: orders per segment.

    Returns:
        One row per pair: ``antecedent``, ``consequent``, ``lift``, ``pooled_lift``.
    """
    rows = affinity_table(catalogue)
    weight = rows["planted_segment"].map(dict(zip(NAMES, n_orders / max(n_orders.sum(), 1), strict=True)))
    parts = rows.assign(
        antecedent_share=weight * rows["antecedent_prob"],
        consequent_share=weight * rows["consequent_prob"],
        both_share=weight * rows["lift"] * rows["antecedent_prob"] * rows["consequent_prob"],
    )
    shares = ["antecedent_share", "consequent_share", "both_share"]
    keys = ["antecedent", "consequent", "lift"]
    result = parts.groupby(keys, sort=False)[shares].sum().reset_index()
    expected = result["antecedent_share"] * result["consequent_share"]
    return result[keys].assign(pooled_lift=result["both_share"] / expected)


def mean_order_amount(traits: Traits, catalogue: Catalogue) -> np.ndarray:
    """True expected amount of an order before coupons, in currency, one per customer."""
    price = catalogue.products["list_price"].to_numpy()
    mean = np.array([item.basket_lines for item in SEGMENTS])
    n_lines = mean / -np.expm1(-mean)
    per_basket = n_lines * (catalogue.product_prob @ price)
    for (_, consequent), rows in affinity_table(catalogue).groupby(["antecedent", "consequent"], sort=False):
        number = CATEGORIES.index(consequent)
        members = catalogue.category == number
        unit = catalogue.product_prob[:, members] @ price[members] / catalogue.category_prob[:, number]
        alone = np.exp(-mean * catalogue.category_prob[:, number])
        added = rows["antecedent_prob"].to_numpy() * alone * rows["add_prob"].to_numpy()
        per_basket = per_basket + added * unit
    kept_share = 1 - traits.discount_share * float(np.mean(_DISCOUNT_DEPTHS))
    return per_basket[traits.segment] * (1 + traits.extra_units) * kept_share
