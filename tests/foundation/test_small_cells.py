"""What is hidden stays hidden from a reader who adds and subtracts, tried by brute force."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol.small_cells import FEW, HIDDEN, MANY, SMALL_CELL, drawn_counts, hidden_cells, people_text

SMALL_VALUES = set(range(1, SMALL_CELL))


def attack(counts: dict, hidden: dict, sums: list, wanted) -> set[int]:
    """Every value a hidden cell can have for all a reader knows, by trying all there are."""
    known = [{*counts}, *(set(of) for of in sums)]
    known = [of for of in known if sum(counts[cell] for cell in of) >= SMALL_CELL]
    totals = [sum(counts[cell] for cell in of) - sum(counts[c] for c in of - set(hidden)) for of in known]
    free = list(hidden)
    most = sum(counts[cell] for cell in free)
    least = {FEW: 1, MANY: SMALL_CELL, HIDDEN: 0}
    ranges = [range(least[hidden[cell]], (SMALL_CELL if hidden[cell] == FEW else most + 1)) for cell in free]
    found = set()
    for values in product(*ranges):
        tried = dict(zip(free, values, strict=True))
        if all(sum(tried.get(c, 0) for c in of) == total for of, total in zip(known, totals, strict=True)):
            found.add(tried[wanted])
    return found


def test_one_small_cell_takes_another_with_it():
    assert hidden_cells({"new": 4, "active": 310, "lost": 28}) == {"new": FEW, "lost": MANY}


def test_nothing_is_hidden_where_nobody_is_few():
    assert hidden_cells({"a": 10, "b": 0, "c": 11}) == {}


def test_two_small_cells_of_a_known_sum_do_not_protect_each_other():
    """9 and 9 make 18: both would be known."""
    hidden = hidden_cells({"a": 9, "b": 9, "c": 500})
    assert hidden["c"] == MANY
    assert attack({"a": 9, "b": 9, "c": 40}, hidden, [], "a") == SMALL_VALUES


def test_so_few_people_are_hidden_altogether():
    assert hidden_cells({"a": 3, "b": 0, "c": 11}) == dict.fromkeys("abc", HIDDEN)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 45), min_size=2, max_size=4))
def test_a_list_with_a_known_sum_gives_no_small_count_away(numbers):
    counts = dict(enumerate(numbers))
    hidden = hidden_cells(counts)
    for cell, count in counts.items():
        if 0 < count < SMALL_CELL:
            assert attack(counts, hidden, [], cell) >= SMALL_VALUES
        assert cell in hidden or count == 0 or count >= SMALL_CELL


@pytest.mark.parametrize("seed", range(12))
def test_a_table_with_known_margins_and_moves_gives_no_small_count_away(seed):
    """Rows, columns, and the counts of those who rose and fell, as beside the matrix of grades."""
    rng = np.random.default_rng(seed)
    n = 2 if seed < 4 else 3
    counts = {(r, c): int(rng.choice([0, 3, 7, 21, 24, 60])) for r in range(n) for c in range(n)}
    rows = [[(r, c) for c in range(n)] for r in range(n)]
    columns = [[(r, c) for r in range(n)] for c in range(n)]
    up, down = [cell for cell in counts if cell[1] < cell[0]], [cell for cell in counts if cell[1] > cell[0]]
    sums = [*rows, *columns, up, down]
    hidden = hidden_cells(counts, sums)
    if HIDDEN in hidden.values():
        assert set(hidden) == set(counts)
        return
    for cell, count in counts.items():
        if 0 < count < SMALL_CELL:
            low, high = reach(counts, hidden, sums, cell)
            assert low <= 1
            assert high >= SMALL_CELL - 1


def reach(counts: dict, hidden: dict, sums: list, wanted) -> tuple[float, float]:
    """Least and most a hidden cell can be in whole numbers: another solver than the code under test uses."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    free = list(hidden)
    known = [{*counts}, *(set(of) for of in sums)]
    known = [of for of in known if sum(counts[cell] for cell in of) >= SMALL_CELL]
    matrix = np.array([[cell in of for cell in free] for of in known], dtype=float)
    totals = [sum(counts[cell] for cell in of if cell in hidden) for of in known]
    bounds = Bounds(
        [1 if hidden[cell] == FEW else SMALL_CELL for cell in free],
        [SMALL_CELL - 1 if hidden[cell] == FEW else np.inf for cell in free],
    )
    ends = []
    for sign in (1, -1):
        goal = sign * np.array([cell == wanted for cell in free], dtype=float)
        found = milp(
            goal,
            constraints=LinearConstraint(matrix, totals, totals),
            bounds=bounds,
            integrality=np.ones(len(free)),
        )
        ends.append(sign * found.fun)
    return ends[0], ends[1]


def test_the_attacker_of_these_tests_does_break_a_table_that_hides_too_little():
    counts = {"a": 4, "b": 30, "c": 200}
    assert attack(counts, {"a": FEW}, [], "a") == {4}
    assert reach(counts, {"a": FEW}, [], "a") == (4, 4)


def test_a_figure_draws_hidden_counts_from_what_is_shown_alone():
    hidden = {"new": FEW, "lost": MANY}
    drawn = [drawn_counts({"new": new, "active": 310, "lost": 32 - new}, hidden) for new in (1, 5, 9)]
    assert drawn[0] == drawn[1] == drawn[2]
    assert sum(drawn[0].values()) == 342


def test_few_people_are_not_told_apart():
    assert [people_text(n) for n in (0, 1, 9, 10, 1234)] == ["0", "<10", "<10", "10", "1,234"]
