"""Plain YAML: what people write comes through; whatever else stands there is one problem with its line."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dangol.plain_yaml import PlainYamlError, load_plain

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.dates(), st.text(max_size=9)
)
NESTED = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)
YAMLISH = st.text(alphabet="[]{}:,-?!&*#|>'\"%@~. \n\ta12", max_size=40)


@given(NESTED)
def test_what_was_written_is_read(value):
    assert load_plain(yaml.safe_dump(value)) == value


@given(st.text() | YAMLISH)
def test_any_text_is_read_or_has_one_problem_in_one_line(text):
    try:
        load_plain(text)
    except PlainYamlError as error:
        assert error.problem.strip()
        assert "\n" not in error.problem
        assert error.line is None or 1 <= error.line <= text.count("\n") + text.count("\r") + 2


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nas_of: 2017-02-30\n", 2, "'2017-02-30': day is out of range for month"),
        ("a:\n  - 2017-01-01T25:00:00", 2, "hour must be in 0..23"),
        ("a: " + "9" * 5000, 1, "'9999999999999999999999999999999999999999': Exceeds the limit"),
        ("a: !!timestamp z", 1, "tags (tag:yaml.org,2002:timestamp) are not used here"),
        ("a: ! z", 1, "tags (!) are not used here"),
        ("&a [*a]", 1, "aliases (*name) are not used here"),
        ("a: 1\nb: 2\na: 3", 3, "the key 'a' stands twice"),
        ("[" * 5000, 1, "nested too deep"),
        ("? [1]\n: 2", 1, "found unhashable key"),
        ("a: [1", 1, "expected ',' or ']'"),
        ("\x00", None, "special characters are not allowed"),
    ],
)
def test_a_problem_is_named_with_its_line(text, line, problem):
    with pytest.raises(PlainYamlError) as stop:
        load_plain(text)
    assert stop.value.line == line
    assert problem in stop.value.problem
