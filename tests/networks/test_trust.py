import numpy as np

from dangol.networks.trust import HALF_TRUST, input_trust, starting_scale

RNG = np.random.default_rng(0)
TARGET = RNG.integers(0, 2, (400, 1)).astype("float64")
MATRIX = np.column_stack([TARGET[:, 0] + RNG.normal(size=400), RNG.normal(size=400)]).astype("float32")
NO_EVIDENCE = np.zeros(2, dtype=bool)


def test_trust_matches_the_correlation_of_numpy():
    found = input_trust(MATRIX, TARGET, np.ones(400), NO_EVIDENCE)
    for column in range(2):
        squared_z = 400 * np.corrcoef(MATRIX[:, column], TARGET[:, 0])[0, 1] ** 2
        np.testing.assert_allclose(found[column], squared_z / (squared_z + HALF_TRUST), rtol=1e-4)


def test_weights_enter_the_correlation_as_repeated_rows_do():
    weight = RNG.integers(1, 3, 400)
    twice = np.repeat(np.arange(400), weight)
    weighted = input_trust(MATRIX, TARGET, weight.astype("float64"), NO_EVIDENCE)
    repeated = input_trust(MATRIX[twice], TARGET[twice], np.ones(len(twice)), NO_EVIDENCE)
    squared_z = [HALF_TRUST * trust / (1 - trust) for trust in (weighted, repeated)]
    np.testing.assert_allclose(squared_z[0] / 400, squared_z[1] / len(twice), rtol=1e-3)


def test_of_several_targets_the_strongest_association_counts():
    targets = np.column_stack([RNG.normal(size=400), TARGET[:, 0]])
    both, one = (input_trust(MATRIX, t, np.ones(400), NO_EVIDENCE)[0] for t in (targets, TARGET))
    np.testing.assert_allclose(both, one)


def test_evidence_that_points_away_from_the_target_gets_no_trust():
    away = -MATRIX[:, :1]
    plain, evidence = (input_trust(away, TARGET, np.ones(400), np.array([flag])) for flag in (False, True))
    assert plain[0] > 0.5 and evidence[0] == 0


def test_a_constant_input_gets_no_trust():
    assert input_trust(np.zeros((400, 1), "float32"), TARGET, np.ones(400), np.array([False]))[0] == 0


def test_every_second_member_starts_without_weights_of_evidence():
    scale = starting_scale(np.array([0.5, 0.8]), np.array([False, True]), 4)
    assert scale[:, 0].tolist() == [[0.5, 0.0], [0.5, 0.8], [0.5, 0.0], [0.5, 0.8]]
