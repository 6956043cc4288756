"""Quick ways through text equal the slow ones, character by character."""

from hypothesis import given
from hypothesis import strategies as st

from bot.render.html import utf16_len
from bot.render.i18n import say_in
from retrieval.language.plain_text import _clean, clean

TEXT = st.text(st.one_of(st.characters(), st.characters(categories=["Cs", "Cc", "Cf", "Co", "Zl", "Zp", "Zs"])))


@given(TEXT)
def test_a_text_is_cleaned_and_measured_as_by_characters(text: str) -> None:
    assert clean(text) == "".join(map(_clean, text))
    assert utf16_len(text) == len(text) + sum(character > "\uffff" for character in text)


def test_a_text_is_said_again_with_its_own_variables() -> None:
    say = say_in("en")
    for _ in range(2):
        assert [say("age-months", months=n) for n in (17, 18)] == ["17 months ago", "18 months ago"]
        assert say("also", outlets="A") != say("also", outlets="B")
