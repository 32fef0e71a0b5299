"""Clusters: planted groups are found, and their names hang on the profile, never on a number."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from dangol.errors import InputError
from dangol.segments import cluster_customers, segment_names
from dangol.segments.cluster_choice import SURE_CLUSTER, choose_n_clusters, kmeans
from dangol.segments.clusters import INACTIVE, PROFILE
from dangol.segments.names import INACTIVE_NAME, ONE_NAME

# orders, amount, categories, discount share, private label share, weekend share
PLANTED = {
    "daily": (40, 12.0, 3.0, 0.05, 0.2, 0.1),
    "stocking up": (6, 140.0, 25.0, 0.1, 0.2, 0.8),
    "bargains": (12, 35.0, 8.0, 0.7, 0.2, 0.3),
    "own label": (15, 30.0, 9.0, 0.1, 0.9, 0.3),
}


@pytest.fixture(scope="module")
def snapshot() -> pd.DataFrame:
    """Four well separated groups of 60, and 20 customers without a recent order."""
    rng = np.random.default_rng(3)
    rows = []
    for group, centre in PLANTED.items():
        for _ in range(60):
            noisy = np.array(centre) * rng.normal(1, 0.05, len(centre))
            rows.append({"planted": group, **dict(zip(PROFILE, noisy, strict=True))})
    idle = pd.DataFrame({"planted": ["idle"] * 20, "n_orders_84d": 0})
    frame = pd.concat([pd.DataFrame(rows), idle], ignore_index=True)
    return frame.sample(frac=1, random_state=1).set_index(pd.Index(range(1_000, 1_260)))


def groups_of(labels: pd.Series) -> set[frozenset]:
    return {frozenset(rows.index) for _, rows in labels.groupby(labels)}


def names_of(snapshot: pd.DataFrame, seed: int) -> pd.Series:
    clustering = cluster_customers(snapshot, 4, seed)
    return clustering.labels.map(segment_names(clustering.profile))


def test_the_planted_groups_are_found(snapshot):
    clustering = cluster_customers(snapshot, 4, seed=1)
    assert groups_of(clustering.labels) == groups_of(snapshot["planted"])
    assert clustering.silhouette_score > 0.8
    assert set(clustering.labels[snapshot["planted"] == "idle"]) == {INACTIVE}
    assert clustering.labels.index.equals(snapshot.index)


def test_the_profile_is_the_mean_in_standard_deviations(snapshot):
    clustering = cluster_customers(snapshot, 4, seed=1)
    active = snapshot[snapshot["n_orders_84d"] > 0]
    share = active["discount_share_84d"]
    for cluster, mean in share.groupby(clustering.labels[active.index]).mean().items():
        expected = (mean - share.mean()) / share.std(ddof=0)
        assert clustering.profile.loc[cluster, "discount_share_84d"] == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_another_seed_gives_the_same_names_to_the_same_people(snapshot, seed):
    pd.testing.assert_series_equal(names_of(snapshot, seed), names_of(snapshot, 1))


def test_the_order_of_customers_gives_the_same_names_to_the_same_people(snapshot):
    shuffled = names_of(snapshot.sample(frac=1, random_state=9), 1)
    pd.testing.assert_series_equal(shuffled.sort_index(), names_of(snapshot, 1).sort_index())


def test_names_say_what_sets_a_group_apart(snapshot):
    names = names_of(snapshot, 1).groupby(snapshot["planted"]).agg("first")
    assert names["idle"] == INACTIVE_NAME
    assert "deal seeking" in names["bargains"].lower()
    assert "private label" in names["own label"].lower()
    assert names.is_unique


@given(st.permutations(range(5)), st.data())
def test_permuted_cluster_numbers_keep_their_names(permutation, data):
    numbers = st.lists(st.integers(-30, 30).map(lambda n: n / 10), min_size=6, max_size=6)
    rows = data.draw(st.lists(numbers, min_size=5, max_size=5, unique_by=tuple))
    profile = pd.DataFrame(rows, columns=list(PROFILE))
    permuted = profile.iloc[permutation].reset_index(drop=True)
    names, others = segment_names(profile), segment_names(permuted)
    assert [names[old] for old in permutation] == [others[new] for new in range(5)]


@given(st.data())
def test_two_clusters_never_share_a_name(data):
    numbers = st.lists(st.integers(-2, 2).map(float), min_size=6, max_size=6)
    rows = data.draw(st.lists(numbers, min_size=2, max_size=8, unique_by=tuple))
    names = segment_names(pd.DataFrame(rows, columns=list(PROFILE)))
    assert len(set(names.values())) == len(rows) + 1


def test_clusters_alike_in_all_words_are_told_apart_by_how_far_they_stand_out():
    profile = pd.DataFrame(
        [[0.5, 0.4], [1.5, 1.2], [-1.0, -0.8]], columns=["n_orders_84d", "weekend_share_84d"]
    )
    names = segment_names(profile)
    assert names[0] == "Frequent, weekend (2 of 2)"
    assert names[1] == "Frequent, weekend (1 of 2)"
    assert names[2] == "Occasional, weekday"


def test_a_single_feature_is_enough_for_a_name():
    names = segment_names(pd.DataFrame({"discount_share_84d": [1.0, -1.0]}))
    assert names == {0: "Deal seeking", 1: "Full price", INACTIVE: INACTIVE_NAME}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_number_of_planted_groups_is_found(snapshot, seed):
    clustering = cluster_customers(snapshot, 0, seed, max_segments=5)
    assert clustering.n_clusters == 4
    assert groups_of(clustering.labels) == groups_of(snapshot["planted"])
    assert clustering.reason.startswith("4 clusters stand out from chance")
    best = clustering.evidence.set_index("n_clusters").loc[4]
    assert best["stability_score"] > 0.99
    assert best["silhouette_score"] > best["chance_max"] + 0.2


def noise(kind: str, seed: int, n: int = 400) -> pd.DataFrame:
    """Customers who differ, but form no groups; correlated, skewed or bounded."""
    rng = np.random.default_rng(seed)
    if kind == "correlated":
        values = np.exp(rng.standard_normal((n, 6)) @ rng.standard_normal((6, 6)) * 0.3)
    else:
        values = {"uniform": rng.uniform, "exponential": rng.exponential}[kind](size=(n, 6))
    return pd.DataFrame(values, columns=list(PROFILE)).assign(n_orders_84d=values[:, 0] * 10 + 1)


@pytest.mark.parametrize("kind", ["correlated", "uniform", "exponential"])
def test_noise_is_refused_and_everybody_is_in_one_segment(kind):
    clustering = cluster_customers(noise(kind, 7), 0, seed=1, max_segments=5)
    assert clustering.n_clusters == 1
    assert set(clustering.labels) == {0}
    assert np.isnan(clustering.silhouette_score)
    assert clustering.reason.startswith("no ")
    assert segment_names(clustering.profile)[0] == ONE_NAME


@pytest.mark.parametrize("n", [0, 1, 10])
def test_hardly_any_customers_are_one_segment_and_no_failure(snapshot, n):
    few = snapshot[snapshot["n_orders_84d"] > 0].head(n)
    clustering = cluster_customers(few, 0, seed=1)
    assert clustering.n_clusters == 1
    assert len(clustering.labels) == n
    assert "too few" in clustering.reason


def test_too_few_customers_are_refused_with_the_numbers(snapshot):
    few = snapshot[snapshot["n_orders_84d"] > 0].head(39)
    expected = "39 customers ordered in the last 84 days; 4 clusters need at least 40. Lower n_segments"
    with pytest.raises(InputError, match=expected):
        cluster_customers(few, 4, seed=1)


@pytest.mark.parametrize("n_kinds", [1, 2])
def test_customers_who_all_buy_alike_are_refused(snapshot, n_kinds):
    alike = pd.concat([snapshot[snapshot["n_orders_84d"] > 0].head(n_kinds)] * 40, ignore_index=True)
    with pytest.raises(
        InputError, match=rf"active customers buy in only {n_kinds} different way\(s\); 3 clusters"
    ):
        cluster_customers(alike, 3, seed=1)


def test_a_feature_that_does_not_vary_is_left_out(snapshot):
    clustering = cluster_customers(snapshot.assign(weekend_share_84d=0.5), 4, seed=1)
    assert "weekend_share_84d" not in clustering.profile
    assert groups_of(clustering.labels) == groups_of(snapshot["planted"])


def test_the_snapshot_is_left_as_it_was(snapshot):
    before = snapshot.copy(deep=True)
    cluster_customers(snapshot, 3, seed=1)
    pd.testing.assert_frame_equal(snapshot, before)


@pytest.mark.parametrize("seed", [1])
def test_a_cluster_more_that_only_splits_one_is_not_taken_for_stable(seed):
    """Four clear groups of five keep the whole stable however the fifth is cut in two."""
    rng = np.random.default_rng(seed)
    planted = np.repeat(np.arange(5), 150)
    points = rng.normal(0, 2.5, (5, 6))[planted] + rng.standard_normal((len(planted), 6)) * 0.8
    choice = choose_n_clusters(points, [5, 6], seed)
    assert choice.n_clusters == 5
    assert adjusted_rand_score(planted, kmeans(points, 5, seed).labels_) > 0.9
    six = choice.evidence.set_index("n_clusters").loc[6]
    assert (
        six["weakest_score"] < SURE_CLUSTER < choice.evidence.set_index("n_clusters").loc[5, "weakest_score"]
    )
