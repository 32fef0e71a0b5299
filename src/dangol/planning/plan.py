"""The plan: rules, options and limits put together, with a reason for every customer."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dangol.planning.allocation import EXACT_UP_TO, Allocation, allocate
from dangol.planning.eligibility import CONSENT, GAP, HOLDOUT, PEOPLE_RULES
from dangol.planning.options import as_matrix

BUDGET, CONTACT_LIMIT = "budget", "contact_limit"
CONTACT, NO_FORECAST, NO_PROFIT, NOT_CHOSEN = "contact", "no_forecast", "no_profit", "limits"


@dataclass(frozen=True)
class Planner:
    """All that decides a plan; rules can be taken away one at a time.

    Attributes:
        known: one row per customer, sorted; ``customer_id``, ``customer_grade``.
        forbidden: from ``contact_rules``, same rows.
        options: from ``contact_options``.
        budget: for all contacts together.
        max_contacts: customers that can be contacted at once.
        gap_days: for the reason given.
        exact_up_to: options up to which integer programming is used.
    """

    known: pd.DataFrame
    forbidden: pd.DataFrame
    options: pd.DataFrame
    budget: float
    max_contacts: int
    gap_days: int
    exact_up_to: int = EXACT_UP_TO

    @property
    def types(self) -> list[str]:
        """Campaign types that can be sent, in the order of the allocation's columns."""
        return sorted(self.options["campaign_type"].unique())

    def is_eligible(self, without: str = "") -> np.ndarray:
        """Customers whom no rule (but perhaps the one named) forbids to contact."""
        rules = [rule for rule in PEOPLE_RULES if rule != without]
        return np.logical_not(self.forbidden[rules].to_numpy(dtype=bool).any(axis=1))

    def matrix(self, column: str) -> np.ndarray:
        """(customers, types) one column of the options; -inf where there is none."""
        return as_matrix(self.options, column, self.known["customer_id"].to_numpy(), self.types)

    def allocate(
        self, without: str = "", budget: float | None = None, exact_up_to: int | None = None
    ) -> Allocation:
        """The best allocation, if wanted without one rule or with another budget."""
        profit, cost = self.matrix("expected_profit"), self.matrix("contact_cost")
        profit[~self.is_eligible(without)] = -np.inf
        everything = float(np.where(np.isfinite(cost), cost, 0.0).max(axis=1, initial=0.0).sum())
        money = self.budget if budget is None else budget
        return allocate(
            profit,
            cost,
            everything if without == BUDGET else money,
            len(self.known) if without == CONTACT_LIMIT else self.max_contacts,
            self.exact_up_to if exact_up_to is None else exact_up_to,
        )

    def would_contact(self) -> np.ndarray:
        """Whom the plan would contact if the lot had no say, with limits that grow with those to choose from.

        Who is held out plays no part in it. So among these customers the held-out ones are a random part,
        and only they can be compared with the contacted: all others held out were never meant to be sent
        anything.
        """
        n_open, n_all = int(self.is_eligible().sum()), int(self.is_eligible(without=HOLDOUT).sum())
        growth = n_all / n_open if n_open else 1.0
        everybody = replace(self, budget=self.budget * growth, max_contacts=round(self.max_contacts * growth))
        return everybody.allocate(without=HOLDOUT).chosen >= 0

    def plan(self, allocation: Allocation, planned_date: str) -> pd.DataFrame:
        """One row per customer: what is sent, or why nothing is; columns as in ``tables.CAMPAIGN_PLAN``."""
        best = self._best()
        chosen = pd.Series(allocation.chosen, index=self.known.index)
        is_sent = chosen >= 0
        names = chosen[is_sent].map(dict(enumerate(self.types)))
        keys = self.known.loc[is_sent, ["customer_id"]].assign(campaign_type=names)
        sent = keys.merge(self.options, on=["customer_id", "campaign_type"], how="left").set_index(keys.index)
        code = self._reason_code(is_sent, best)
        plan = self.known[["customer_id", "customer_grade"]].assign(
            arm=np.select([is_sent, self.forbidden[HOLDOUT]], ["contact", "holdout"], "none"),
            campaign_type=sent["campaign_type"].reindex(self.known.index).astype("str"),
            channel=sent["channel"].reindex(self.known.index).astype("str"),
            planned_date=pd.Series(pd.Timestamp(planned_date), index=keys.index).reindex(self.known.index),
            reason_code=code,
            response_prob=sent["response_prob"].reindex(self.known.index),
            expected_profit=sent["expected_profit"].reindex(self.known.index).fillna(0.0),
            contact_cost=sent["contact_cost"].reindex(self.known.index).fillna(0.0),
            would_contact=self.would_contact(),
        )
        return plan.assign(arm=plan["arm"].astype("str"), reason=self._reasons(plan, best))

    def _best(self) -> pd.Series:
        """Largest expected profit of any option per customer; missing without a forecast."""
        return self.known["customer_id"].map(self.options.groupby("customer_id")["expected_profit"].max())

    def _reason_code(self, is_sent: pd.Series, best: pd.Series) -> pd.Series:
        conditions = [is_sent, *[self.forbidden[rule] for rule in PEOPLE_RULES], best.isna(), best <= 0]
        codes = [CONTACT, *PEOPLE_RULES, NO_FORECAST, NO_PROFIT]
        return pd.Series(np.select(conditions, codes, NOT_CHOSEN), index=self.known.index, dtype="str")

    def _reasons(self, plan: pd.DataFrame, best: pd.Series) -> pd.Series:
        days = self.forbidden["days_since_contact"]
        texts = {
            CONTACT: "sent {type}: {prob:.0%} chance of a response, expected profit {profit:.2f}",
            HOLDOUT: "held out by lot, so that the effect can be measured",
            CONSENT: "no consent to be contacted",
            GAP: f"contacted {{days:.0f}} days ago; at least {self.gap_days} days must lie between",
            NO_FORECAST: "no response forecast",
            NO_PROFIT: "no campaign is expected to earn its cost (best: {best:.2f})",
            NOT_CHOSEN: "would earn {best:.2f}, but others earn more within budget and contact limit",
        }
        shown = ["reason_code", "campaign_type", "response_prob", "expected_profit"]
        rows = zip(*(plan[name] for name in shown), days, best, strict=True)
        return pd.Series(
            [
                texts[code].format(type=name, prob=prob, profit=profit, days=day, best=top)
                for code, name, prob, profit, day, top in rows
            ],
            index=plan.index,
            dtype="str",
        )


def rule_costs(planner: Planner, allocation: Allocation) -> pd.DataFrame:
    """What each rule costs: the plan is solved again without it.

    Returns:
        As in ``tables.PLAN_RULE_COST``, dearest first. ``n_customers``: whom the rule forbids to
        contact, or for the two limits, how many more would be contacted without it. ``expected_profit``: of
        the plan without the rule; ``profit_cost``: how much more that is.
    """
    rows = []
    for rule in (*PEOPLE_RULES, BUDGET, CONTACT_LIMIT):
        freed = planner.allocate(without=rule)
        n_more = max(freed.n_contacts - allocation.n_contacts, 0)
        n_customers = int(planner.forbidden[rule].sum()) if rule in PEOPLE_RULES else n_more
        rows.append((rule, n_customers, freed.profit, freed.profit - allocation.profit))
    costs = pd.DataFrame(rows, columns=["rule", "n_customers", "expected_profit", "profit_cost"])
    return costs.sort_values(["profit_cost", "rule"], ascending=[False, True], ignore_index=True)


def budget_curve(planner: Planner, n_points: int = 12) -> pd.DataFrame:
    """Expected profit and contacts at budgets from nothing to more than could be spent.

    Every point is solved by dual prices, which is fast and leaves a tiny gap.
    """
    unlimited = planner.allocate(without=BUDGET, exact_up_to=0)
    largest = max(unlimited.cost, planner.budget) * 1.1
    budgets = np.unique(np.append(np.linspace(0, largest, n_points), planner.budget))
    plans = [planner.allocate(budget=float(budget), exact_up_to=0) for budget in budgets]
    return pd.DataFrame(
        {
            "budget": budgets,
            "expected_profit": [plan.profit for plan in plans],
            "n_contacts": [plan.n_contacts for plan in plans],
        }
    )
