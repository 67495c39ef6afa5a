"""The words that people read: both languages, the same placeholders, nothing interpreted."""

import string

import pytest

from incident import words
from incident.models import Entry
from workflows.lifecycle import Action, Role, State


def placeholders(text: str) -> set[str]:
    found = (name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    return {name.partition(".")[0] for name in found}


@pytest.mark.parametrize("group", words.vocabulary())
def test_each_phrase_has_both_languages_that_ask_for_the_same_values(group: str) -> None:
    """A language may do without a value, such as a measure word, but asks for no other."""
    for key, line in words.vocabulary()[group].items():
        assert set(line) == {"zh", "en"}, key
        chinese, english = placeholders(line["zh"]), placeholders(line["en"])
        assert chinese <= english or english <= chinese, key
        assert all(name.isidentifier() for name in chinese | english), key


@pytest.mark.parametrize(
    ("group", "keys"),
    [("states", State), ("roles", Role), ("actions", Action)],
)
def test_every_state_role_and_action_has_its_words(group: str, keys: type) -> None:
    assert {str(key) for key in keys} <= set(words.vocabulary()[group])  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["{0}", "{text}", "{__class__}", "{text.__init__}", "{", "}"])
def test_what_a_user_wrote_is_never_read_as_a_phrase(text: str) -> None:
    assert words.phrase("timeline", "note", {"text": text}) == text


def test_every_phrase_of_the_timeline_fits_the_column_of_its_type() -> None:
    length = Entry.__table__.c.type.type.length
    assert all(len(key) <= length for key in words.vocabulary()["timeline"])


def test_a_key_without_words_is_shown_as_it_is() -> None:
    assert words.label("states", "unheard_of") == "unheard_of"
