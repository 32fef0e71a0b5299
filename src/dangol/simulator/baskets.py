"""What is in the baskets: order lines with planted category affinities."""

from dataclasses import dataclass

import numpy as np

from dangol.simulator.affinities import affinity_table
from dangol.simulator.catalogue import CATEGORIES, Catalogue, price_elasticities
from dangol.simulator.customers import Traits
from dangol.simulator.segments import SEGMENTS
from dangol.simulator.spend import Spend

# Depths of discount, all as frequent and given at random: what they change is the price response.
DISCOUNT_DEPTHS = (0.10, 0.20, 0.30, 0.40)


@dataclass(frozen=True)
class Lines:
    """One entry per order line, by order, then by product; a product is once in an order.

    Attributes:
        order: row number of the order.
        product: row number of the product.
        quantity: units; whole numbers unless the worth of orders is planted.
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


@dataclass(frozen=True)
class Shoppers:
    """What fills the baskets.

    Attributes:
        traits: of the customers.
        catalogue: products and tastes.
        price_response: multiplies the planted price elasticities; 0 for none.
        spend: how much orders are worth; None if that follows from what is in them.
        spend_mean: each customer's true mean order value in currency, where ``spend`` is planted.
    """

    traits: Traits
    catalogue: Catalogue
    price_response: float
    spend: Spend | None
    spend_mean: np.ndarray

    def draw_lines(self, rng: np.random.Generator, order_customer: np.ndarray) -> Lines:
        """Fill the basket of every order.

        Args:
            rng: the stream of this part.
            order_customer: row number of each order's customer.
        """
        traits, catalogue = self.traits, self.catalogue
        segment = traits.segment[order_customer].astype(np.int32)
        order, product = _draw_products(rng, segment, catalogue)
        extra_order, extra_product = _draw_consequents(rng, order, product, segment, catalogue)
        order = np.concatenate([order, extra_order])
        product = np.concatenate([product, extra_product])
        order, product, n_times = _merge(order, product)
        customer = order_customer[order]
        depth = np.array(DISCOUNT_DEPTHS)[rng.integers(0, len(DISCOUNT_DEPTHS), len(order))]
        depth *= rng.random(len(order)) < traits.discount_share[customer]
        elasticity = price_elasticities()[segment[order], catalogue.category[product]] * self.price_response
        mean_units = (1 + traits.extra_units[customer]) * (1 - depth) ** elasticity
        quantity = (n_times + rng.poisson(n_times * (mean_units - 1))).astype(float)
        lines = Lines(order, product, quantity, *_priced(quantity, self._cents(product), depth))
        return lines if self.spend is None else self._worth(rng, self.spend, order_customer, lines)

    def _cents(self, product: np.ndarray) -> np.ndarray:
        return np.rint(self.catalogue.products["list_price"].to_numpy() * 100)[product]

    def _worth(self, rng: np.random.Generator, spend: Spend, customer: np.ndarray, lines: Lines) -> Lines:
        """Units are weighed, not counted: one factor makes an order worth what is planted."""
        value = spend.draw_values(rng, self.spend_mean[customer])
        factor = 100 * value / np.bincount(lines.order, weights=lines.paid, minlength=len(customer))
        quantity = np.maximum(np.round(lines.quantity * factor[lines.order], 4), 1e-4)
        gross, discount = _priced(quantity, self._cents(lines.product), lines.discount / lines.gross)
        return Lines(lines.order, lines.product, quantity, np.maximum(gross, discount + 1), discount)

    def mean_order_amount(self) -> np.ndarray:
        """True expected amount of an order before coupons, in currency, one per customer."""
        return self.spend_mean if self.spend is not None else _mean_basket(self)


def _priced(quantity: np.ndarray, cents: np.ndarray, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cents at list price, and the part of them that the discount takes off."""
    gross = np.rint(quantity * cents).astype(np.int64)
    return gross, np.rint(gross * depth).astype(np.int64)


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


def _merge(order: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By order, then by product, each pair once: order, product, how often it was drawn."""
    key, n_times = np.unique(order.astype(np.int64) * 2**20 + product, return_counts=True)
    return (key >> 20).astype(np.int32), (key & (2**20 - 1)).astype(np.int32), n_times


def _mean_basket(shoppers: Shoppers) -> np.ndarray:
    """Expected amount of a basket per customer: full price, and what discounts make of it."""
    catalogue, traits = shoppers.catalogue, shoppers.traits
    elasticity = price_elasticities() * shoppers.price_response
    kept = 1 - np.array(DISCOUNT_DEPTHS)[:, None, None]
    # a line on discount brings (1 - depth) of the price for (1 - depth) ** elasticity of the units
    on_discount = (kept ** (1 + elasticity)).mean(axis=0)
    units = _mean_category_amount(catalogue)
    full, reduced = units.sum(axis=1)[traits.segment], (units * on_discount).sum(axis=1)[traits.segment]
    share = traits.discount_share
    return (1 + traits.extra_units) * ((1 - share) * full + share * reduced)


def _mean_category_amount(catalogue: Catalogue) -> np.ndarray:
    """(n_segments, n_categories) expected amount of a basket with one unit a line at list price."""
    price = catalogue.products["list_price"].to_numpy()
    mean = np.array([item.basket_lines for item in SEGMENTS])
    shape = (len(SEGMENTS), len(CATEGORIES), -1)
    by_category = (catalogue.product_prob * price).reshape(shape).sum(axis=2)
    result = (mean / -np.expm1(-mean))[:, None] * by_category
    for (_, consequent), rows in affinity_table(catalogue).groupby(["antecedent", "consequent"], sort=False):
        number = CATEGORIES.index(consequent)
        unit = by_category[:, number] / catalogue.category_prob[:, number]
        alone = np.exp(-mean * catalogue.category_prob[:, number])
        result[:, number] += rows["antecedent_prob"].to_numpy() * alone * rows["add_prob"].to_numpy() * unit
    return result
