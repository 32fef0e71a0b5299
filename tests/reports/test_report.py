import re
from html.parser import HTMLParser

import pytest

from dangol import tables
from dangol.contracts import Table
from dangol.records import record
from dangol.reports import write_report
from dangol.reports.definitions import definition_of
from dangol.reports.findings import FINDINGS
from dangol.reports.key_figures import KEY_FIGURES
from dangol.reports.messages import catalogue
from dangol.reports.verdict import ACTIONS, HEADLINE, LEAD
from dangol.workspace import reports_folder


class Words(HTMLParser):
    """The words of a page without its style sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.is_style = False

    def handle_starttag(self, tag, attrs):
        self.is_style = tag == "style"

    def handle_data(self, data):
        if not self.is_style:
            self.words.append(data)


def words(world) -> str:
    parser = Words()
    parser.feed(write_report(world.run, world.stages).read_text("utf-8"))
    return " ".join("".join(parser.words).split())


def test_the_report_lies_where_the_workspace_says(world):
    built = world()
    assert (
        write_report(built.run, built.stages)
        == reports_folder("complete_journey", "2017-12-03") / "index.html"
    )


def test_figures_are_those_recorded_and_say_where_they_come_from(world):
    built = world()
    html = write_report(built.run, built.stages).read_text("utf-8")
    run_id = built.stages[4].run_id
    what = "AUC of the network for lapse, test period · behavior_leaderboard"
    where = f"notebook 05 · lapse_auc_score · run {run_id}"
    assert f'title="{what} · {where}">0.881 (0.862 to 0.899)<' in html


def test_every_recorded_figure_is_listed(world):
    built = world()
    html = write_report(built.run, built.stages).read_text("utf-8")
    for name in ("n_orders", "lapse_log_loss", "optimality_gap_share", "overstatement_ratio"):
        assert f"<code>{name}</code>" in html


@pytest.mark.parametrize(
    ("low", "high", "roi_low", "roi_high", "verdict"),
    [
        (9_000.0, 20_000.0, 0.4, 2.0, "Past campaigns earned back more than they cost."),
        (-2_000.0, 9_000.0, -1.3, 0.4, "Whether past campaigns paid for themselves is not settled."),
        (1_000.0, 4_000.0, -0.8, -0.2, "Past campaigns cost more than they brought in."),
        (-9_000.0, -1_000.0, -2.4, -1.2, "Past campaigns left customers buying less."),
    ],
)
def test_opposite_effects_give_opposite_verdicts(world, low, high, roi_low, roi_high, verdict):
    changes = {
        "incremental_margin": (low + high) / 2,
        "incremental_margin_low": low,
        "incremental_margin_high": high,
        "roi_low": roi_low,
        "roi_high": roi_high,
    }
    assert verdict in words(world(n09=changes))


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [("wins", "beats the best"), ("ties", "as good as"), ("loses", "falls behind the best")],
)
def test_the_network_is_judged_as_recorded(world, verdict, sentence):
    text = words(world(n05={"lapse_verdict": verdict}, n07={"response_verdict": "unknown"}))
    assert f"For this the neural network {'is ' if verdict == 'ties' else ''}{sentence}" in text


@pytest.mark.parametrize(
    ("low", "high", "action"),
    [
        (310.0, 2_190.0, "Send the plan, as a trial: campaign type A (mail) to 800 customers"),
        (-500.0, 2_190.0, "Send the plan only as a test."),
        (-900.0, -10.0, "Do not send the plan."),
    ],
)
def test_what_to_do_follows_the_expected_profit(world, low, high, action):
    assert action in words(world(n08={"expected_profit_low": low, "expected_profit_high": high}))


def test_the_plan_names_its_list_only_where_it_lies(world):
    built = world()
    target = reports_folder("complete_journey", "2017-12-03")
    assert "contact_list.csv" not in words(built)
    (target / "exports").mkdir(parents=True)
    (target / "exports" / "contact_list.csv").write_text("customer_id\n")
    html = write_report(built.run, built.stages).read_text("utf-8")
    assert re.search(r'folder of this report: <a href="exports/contact_list.csv"', html)


@pytest.mark.parametrize(
    ("is_enough", "smallest", "sentence"),
    [
        (
            False,
            31.2,
            "change in spend of 31.20 per customer or more; the plan expects 10.20, so this campaign alone",
        ),
        (
            True,
            6.0,
            "change in spend of 6.00 per customer or more; the plan expects 10.20, so the result will be a",
        ),
    ],
)
def test_what_the_control_group_can_show_is_stated_beside_what_is_expected(
    world, is_enough, smallest, sentence
):
    text = words(world(n08={"is_measurable": is_enough, "smallest_effect": smallest}))
    assert sentence in text
    assert ("one such campaign cannot show it" in text) is not is_enough


def test_the_two_actions_about_campaigns_agree(world):
    text = words(world(n09={"n_campaigns_positive": 0}))
    assert "Spend no more on campaigns than the plan does: of 18 judged, none raised sales" in text
    assert "Repeat no past campaign unchanged" not in text
    idle = words(world(n09={"n_campaigns_positive": 0}, n08={"n_contacts": 0}))
    assert "Repeat no past campaign unchanged" in idle


@pytest.mark.parametrize(
    ("n_contacted", "sentence"),
    [
        (40, "contacts 40 of them;"),
        (3, "contacts <10 of them;"),
        (208, "contacts 10+ of them;"),
        (0, "none of them:"),
    ],
)
def test_how_many_customers_at_risk_the_plan_contacts_is_told(world, n_contacted, sentence):
    assert f"They have not ordered for 28 days or more. The plan contacts {sentence}".replace(
        "contacts contacts", "contacts"
    ) in words(world(n08={"n_at_risk_contacted": n_contacted}))


def test_growth_and_decline_read_differently(world):
    assert "Sales are growing: the last three full months brought 3.4% more" in words(world())
    falling = words(world(n02={"amount_change_share": -0.12}))
    assert "Sales are falling: the last three full months brought 12% less" in falling


def test_moves_between_grades_carry_money_only_where_it_can_be_compared(world, metrics):
    built = world()
    assert "their spend of the last year changed by" in words(built)
    short = {name: value for name, value in metrics["03"].items() if name not in ("amount_up", "amount_down")}
    record(short, built.run.of("03"))
    assert "their spend of the last year" not in words(built)
    assert "what they spent is not compared" in words(built)


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (0.29, 0.33, "would have met 28%: the personal offers did better."),
        (0.26, 0.34, "would have met 28%: no difference beyond chance."),
        (0.2, 0.25, "would have met 28%: the personal offers did worse."),
    ],
)
def test_offers_are_held_against_best_sellers(world, low, high, sentence):
    assert sentence in words(world(n06={"hit_rate_low": low, "hit_rate_high": high}))


def test_a_plan_of_nobody_is_not_sent(world):
    text = words(world(n08={"n_contacts": 0, "plan_cost": 0.0}))
    assert "Send nothing yet." in text
    assert "Send the plan" not in text
    assert "beside those it does contact" not in text


def test_small_groups_of_people_are_not_told_apart(world):
    text = words(world(n03={"n_lost": 4, "n_at_risk": 7}, n08={"n_suppressed": 3}))
    assert "of the lost (<10) win back" in text
    assert "<10 customers are at risk" in text
    assert "n_lost<10" in text.replace(" ", "")
    assert not re.search(r"n_lost ?4|n_at_risk ?7|n_suppressed ?3", text)


def test_what_did_not_finish_is_marked_and_steers_nothing(world):
    built = world().with_state("08", "failed", "cell 7: the budget is negative").with_state("06", "skipped")
    text = words(built)
    assert "08 Plan did not finish." in text
    assert "cell 7: the budget is negative" in text
    assert "Send the plan" not in text
    assert "Use the personal offers" not in text
    assert "The data set lacks what this notebook needs" in text


def test_a_run_of_some_notebooks_reports_those(world):
    text = words(world(without=("04", "05", "06", "07", "08", "09")))
    assert "2,461 customers have bought for 4.21 M." in text  # split() takes the narrow space for a space
    assert "This notebook has not run for this date yet." in text


def test_an_assumed_cost_of_a_contact_is_called_so_wherever_it_decides(world):
    lost = {"roi": -0.6, "roi_low": -0.9, "roi_high": -0.1}
    stated = words(world(n09=lost))
    assert "Past campaigns cost more than they brought in." in stated
    assert "is assumed. Another cost" not in stated
    text = words(world(n09=lost, n01={"assumed_contact_cost": 0.5}))
    assert "At the cost assumed for a contact, past campaigns cost more than they brought in." in text
    assert "The cost behind this, 0.50 for a contact, is assumed." in text
    assert "What a contact costs is not in the data; 0.50 is assumed." in text


def test_amounts_carry_the_currency_where_it_is_known(world):
    assert "All amounts are in the currency of the data set, which is not named." in words(world())
    dollars = words(world(n01={"currency": "USD"}))
    assert "$4,593,421 of net sales" in dollars
    assert "All amounts are in USD." in dollars
    assert "4,593,421 CHF of net sales" in words(world(n01={"currency": "CHF"}))


def test_a_run_without_any_record_has_a_report(home, world):
    built = world(without=tuple(f"{n:02}" for n in range(1, 10)))
    assert "No result is recorded for this date yet." in words(built)


def test_any_single_missing_figure_leaves_the_report_sound(world, metrics, monkeypatch):
    monkeypatch.setattr("dangol.reports.styles.font_face", lambda text: "")  # cut anew for each page: slow
    built = world()
    for number, recorded in metrics.items():
        for name in recorded:
            record({key: value for key, value in recorded.items() if key != name}, built.run.of(number))
            text = words(built)
            assert not re.search(r"[{}]|None|nan", text), name
        record(recorded, built.run.of(number))


def test_text_from_the_data_is_escaped(world):
    built = world(n06={"top_rule": "<script>alert(1)</script> {x} **y**"})
    html = write_report(built.run, built.stages).read_text("utf-8")
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {x} **y**" in html


def test_the_same_records_give_the_same_bytes(world):
    built = world()
    first = write_report(built.run, built.stages).read_bytes()
    assert write_report(built.run, built.stages).read_bytes() == first


@pytest.mark.slow
def test_the_whole_report_is_small_enough_to_mail(drawn_home):
    assert (drawn_home / "index.html").stat().st_size < 5_000_000


def test_every_glossary_link_has_an_entry():
    content = catalogue("en")
    linked = set(re.findall(r"\]\(#([a-z0-9_-]+)\)", str(content)))
    assert linked <= set(content["glossary"])
    assert {f"findings.{number}" for number in FINDINGS} <= {f"findings.{n}" for n in content["findings"]}
    assert {figure.name for figure in KEY_FIGURES} == set(content["key_figures"])
    assert ACTIONS
    assert LEAD
    assert HEADLINE


@pytest.mark.parametrize(
    ("n_positive", "n_judged", "sentence"),
    [
        (1, 1, "the one judged campaign raised sales beyond doubt"),
        (3, 3, "all judged campaigns raised sales beyond doubt"),
        (1, 3, "1 of 3 judged campaigns raised sales beyond doubt. The others did not: send"),
        (0, 3, "of 3 judged, none raised sales beyond doubt"),
    ],
)
def test_what_to_repeat_depends_on_how_many_campaigns_worked(world, n_positive, n_judged, sentence):
    built = world(n09={"n_campaigns_positive": n_positive, "n_campaigns_evaluated": n_judged})
    html = write_report(built.run, built.stages).read_text("utf-8")
    assert sentence in re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(
    ("best", "used", "sentence"),
    [
        ("none", "BG/NBD", "so the BG/NBD model is used: the simplest of those that give a range"),
        ("none", "network", "The network model is used: of those that also foresee orders"),
        ("Pareto/NBD", "Pareto/NBD", "is the Pareto/NBD model, by more than chance explains, and it is used"),
        ("last period again", "network", "The network model is used all the same, because"),
    ],
)
def test_the_model_of_value_that_is_used_is_named_with_the_reason(world, best, used, sentence):
    assert sentence in words(world(n04={"best_model": best, "used_model": used}))


def test_a_rule_that_names_the_next_categories_better_than_the_network_is_recommended(world):
    assert "does not beat the plain rule “what was bought lately”: 51.9%" in words(world())
    assert "does not beat the plain rule" not in words(world(n05={"categories_hit_rate": 0.6}))


def test_chances_better_than_the_rule_and_names_worse_than_it_are_told_in_one_sentence(world):
    both = words(world(n05={"categories_verdict": "wins"}))
    assert "Its chances for each category fit what came better than those of the plain rule" in both
    assert "in naming what a customer buys next it does not beat the rule: 51.9%" in both
    assert "the rule to name categories." in both and "Use the rule." not in both
    neither = words(world(n05={"categories_verdict": "ties"}))
    assert "fit what came better" not in neither and "Use the rule." in neither


@pytest.mark.parametrize(
    ("label", "rival", "sentence"),
    [
        ("orders", "Poisson regression", "falls behind a simpler model (Poisson regression): use that one"),
        ("next_order", "Kaplan-Meier rule", "falls behind one curve for everybody: use the curve."),
        ("upsell", "boosted trees", "buy dearer than before it falls behind a simpler model (boosted trees)"),
    ],
)
def test_a_question_the_network_loses_is_told_and_one_it_does_not_lose_is_not(world, label, rival, sentence):
    assert sentence in words(world(n05={f"{label}_verdict": "loses", f"{label}_rival": rival}))
    assert sentence not in words(world(n05={f"{label}_verdict": "ties", f"{label}_rival": rival}))


CUTOFF = {
    "answer_value": 4.0,
    "contact_cost": 0.5,
    "cutoff_prob": 0.12,
    "cutoff_contacted_share": 0.31,
    "cutoff_profit": 812.0,
    "cutoff_profit_low": 640.0,
    "cutoff_profit_high": 990.0,
    "cutoff_rival": "contact everybody",
    "cutoff_rival_profit": 455.0,
}


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [("wins", "more than the best"), ("ties", "no more than the best"), ("loses", "less than the best")],
)
def test_whether_the_cutoff_paid_is_told_as_measured(world, verdict, sentence):
    text = words(world(n07=CUTOFF | {"cutoff_verdict": verdict}))
    assert "Contacting from a probability of 12% on" in text and "31% of the later contacts" in text
    assert f"{sentence} plain way" in text and "contact everybody: " in text


def test_a_list_that_never_pays_is_told_and_so_is_that_no_money_is_known(world):
    idle = CUTOFF | {"cutoff_verdict": "ties", "cutoff_contacted_share": 0.0}
    assert "no part of the list earned its cost" in words(world(n07=idle))
    unknown = words(world())
    assert "How far down the list a contact pays is not known" in unknown and "plain way" not in unknown


def test_names_that_shout_are_tidied(world):
    assert "The largest department is Drug GM," in words(world(n02={"top_department": "DRUG GM"}))


def test_every_recorded_figure_is_defined_by_tables_that_are_there_by_then(metrics):
    known = {table.name: table.owner for table in vars(tables).values() if isinstance(table, Table)}
    for number, recorded in metrics.items():
        for name in recorded:
            about = definition_of(catalogue("en"), number, name)
            assert about is not None, f"{number}.{name}"
            assert about.text
            assert all(known[table] <= number for table in about.tables.split(", ")), f"{number}.{name}"


def test_the_ends_of_an_interval_are_explained_by_its_estimate():
    content = catalogue("en")
    low = definition_of(content, "04", "expected_value_low")
    rate = definition_of(content, "02", "repurchase_high")
    assert rate is not None
    assert rate.text.startswith("share of new customers")
    assert low is not None
    assert low.text == "expected spend of all customers over the horizon: lower end of the 95% range"
    assert definition_of(content, "10", "n_of_a_new_notebook") is None


def test_no_small_group_can_be_worked_out_from_the_others_of_its_sum(world):
    """The three new ones would be 2,469 less all others, were those all shown."""
    states = {"n_customers": 2469, "n_new": 3, "n_active": 2000, "n_growing_customers": 640}
    states |= {"n_reactivated": 68, "n_at_risk": 211, "n_dormant": 88, "n_lost": 99}
    text = words(world(n03=states))
    assert "welcome the new (<10)" in text
    assert "those who came back (10+)" in text
    shown = [number for name, number in states.items() if f"{name}{number:,}" in text.replace(" ", "")]
    assert shown == [2469, 2000, 640, 211, 88, 99]


@pytest.mark.parametrize(("known", "told"), [(2463, "by ≈2,470 customers"), (2459, "by 2,469 customers")])
def test_a_few_who_came_after_the_date_are_not_worked_out(world, known, told):
    assert told in words(world(n01={"n_buyers": 2469}, n02={"n_buyers": known}))


def test_the_share_of_a_small_grade_is_not_told(world):
    """5% of 100 are five."""
    text = words(world(n03={"n_customers": 100, "top_grade_share": 0.05}))
    assert "Platinum, holds <10% of customers" in text
    assert "top_grade_share<10%" in text.replace(" ", "")


@pytest.mark.parametrize(
    ("is_measured", "note", "action"),
    [
        (
            False,
            "expected profit after cost, if the assumed share holds",
            "That it pays rests on",
        ),
        (True, "expected profit after cost; range: who answers", "within the budget of 1,000."),
    ],
)
def test_a_forecast_that_stands_on_an_assumption_says_so_everywhere(world, is_measured, note, action):
    text = words(world(n08={"is_share_measured": is_measured}))
    assert note in text
    assert action in text
    assert ("if the assumed share holds" in text) is not is_measured
    assert ("That it pays rests on" in text) is not is_measured
    assert ("This holds if 50%" in text) is not is_measured


def test_where_no_rule_was_checked_the_report_claims_no_freedom_from_faults(world):
    assert "No faults were found" in words(world(n01={"n_faults": 0, "n_fault_rows": 0}))
    assert "No faults were found" not in words(world(n01={"n_checks": 0, "n_faults": 0, "n_fault_rows": 0}))


def test_a_test_drawn_by_lot_is_told_as_such_and_all_judged_campaigns_as_all(world):
    text = words(world(n07={"is_split_by_time": False}, n09={"n_campaigns": 1, "n_campaigns_evaluated": 1}))
    assert "drawn by lot from the campaigns learnt from" in text
    assert "The one campaign could be judged." in text and "About the others" not in text


def test_a_plan_that_counts_measured_uplift_alone_assumes_no_share(world, metrics):
    built = world(without=("08",))
    assumed = ("incremental_share", "is_share_measured")
    figures = {name: value for name, value in metrics["08"].items() if name not in assumed}
    record(figures | {"is_uplift_known": True}, built.run.of("08"))
    text = words(built)
    assert "Only the answers a contact adds count" in text
    assert "if the assumed share holds" not in text and "That it pays rests on" not in text


def test_what_attribution_overstates_is_told_as_the_difference_of_the_figures_beside_it(world):
    figures = {"incremental_margin": -595.5, "attributed_margin": 47776.4, "overstatement_amount": 48371.9}
    figures |= {"overstatement_amount_low": 22168.4, "overstatement_amount_high": 74574.4}
    text = words(
        world(n09=figures | {"incremental_margin_low": -26798.0, "incremental_margin_high": 25608.0})
    )
    assert "would claim 47,776 of margin, 48,372 (22,168 to 74,574) more than they brought" in text
    assert "−596" in text
    assert "−0.6" not in text


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (0.75, 0.92, "on later campaigns it foresaw 0.83 (0.75 to 0.92) times the answers that came"),
        (0.75, 1.02, "holds within chance"),
        (1.05, 1.2, "counts on more answers than may come"),
    ],
)
def test_the_level_of_response_probabilities_is_told_with_its_interval(world, low, high, sentence):
    figures = {"predicted_actual_ratio_low": low, "predicted_actual_ratio_high": high}
    assert sentence in words(world(n07=figures))


def test_inputs_that_have_shifted_are_counted_beside_the_scores(world):
    assert "71 of the 84 things it looks at are no longer as they were" in words(world())
    assert "is still as it was" in words(world(n07={"n_columns_shifted": 0}))


def test_the_next_test_is_told_with_its_gain_and_no_type_is_praised_that_does_not_pay(world):
    assert "seems to have earned" not in words(world(n09={"next_test_type": "none"}))
    assert "so none is promising enough" in words(world(n09={"next_test_type": "none"}))
    assert "each after their cost" in words(world()) and "2.16 (−1.04 to 5.36)" in words(world())


def test_silence_is_told_in_days_or_in_own_gaps_whichever_decides(world):
    assert "Their last order lies 28 days back or more" in words(world())


@pytest.mark.parametrize(("n_due", "shown"), [(1402, "1,402"), (2465, "10+"), (4, "<10")])
def test_next_orders_due_do_not_tell_the_few_that_are_not(world, n_due, shown):
    assert f"The next order of {shown} customers is due within 7 days" in words(
        world(n04={"n_due_customers": n_due})
    )
