"""What a probe keeps out does not fit."""

from __future__ import annotations

import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jollyscope.query.filter import probes
from jollyscope.query.filter.attributes import attribute_test
from jollyscope.query.filter.nodes import Match
from jollyscope.query.filter.parser import parse_tree
from jollyscope.query.filter.patterns import fold

letters = st.text("iIİkKKsSſσΣςßaAzZtTeE xq5天气가é\x00.", max_size=12)


@given(letters, letters, letters)
def test_every_text_with_the_needle_has_one_of_its_pieces(before: str, needle: str, after: str):
    parts = probes.in_any_case(fold(needle))
    assert not parts or any(part in before + needle + after for part in parts)


def test_cases_are_all_that_fold_to_a_character():
    folded: dict[str, set[str]] = {}
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        folded.setdefault(fold(character), set()).add(character)
    for character, cases in folded.items():
        known = probes._cases(character) if len(character) == 1 else ""  # pyright: ignore[reportPrivateUsage]
        assert not known or set(known) == cases


def test_rare_letters_are_looked_for_and_common_words_too():
    assert sorted(probes.in_any_case("xyzzy plugh")) == ["ZZ", "Zz", "zZ", "zz"]
    assert probes.in_any_case("天") == ["天"]
    assert probes.in_any_case("ik") == []
    assert probes.in_any_case("") == []


scalars = (
    st.integers(-(10**20), 10**20)
    | st.sampled_from(
        [5, 5.0, -0.0, 0, 418, 418.0, 1e15, 1e14, 1000, True, False, "5", "True", "a b"]
    )
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text('05.eaT:/\\"b ', max_size=4)
)
values: st.SearchStrategy[Any] = scalars | st.lists(scalars, max_size=3)


@given(
    st.sampled_from(
        ["5", "0", "418", "1k", "1000", "True", "true", "a", '"5"', "5,a", "5*", "1.5", "a/b"]
    )
    | st.integers(-10, 10**16).map(str),
    values,
    st.sampled_from(["k", "a.b", "a/b", "é"]),
)
def test_every_value_that_fits_holds_one_of_the_parts(text: str, value: Any, key: str):
    import msgspec

    term = parse_tree(f'attr."{key}":{text}')
    assert isinstance(term, Match)
    test = attribute_test(term)
    if test.holds(value):
        json = msgspec.json.encode({key: value}).decode()
        parts = probes.value_parts(test)
        assert not parts or any(part in json for part in parts)
        assert probes.key_part(key) in json
