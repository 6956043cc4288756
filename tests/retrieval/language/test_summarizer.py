from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.summarizer import MAX_SENTENCES, MIN_SENTENCES, key_sentences, split_sentences

PARAGRAPHS = [
    "The fund of Huairou put 42 billion yuan into laboratories this year. The weather was fine on that day.",
    "Laboratories in Huairou took most of the fund. A spokesman declined to give his name to the paper.",
    "The fund will grow to 60 billion yuan next year, and laboratories in Huairou will get half of it.",
    "Visitors to the park can buy ice cream. The ducks are fed at noon by a keeper from the village.",
]


def test_what_the_others_are_about_carries_a_text() -> None:
    chosen = key_sentences(PARAGRAPHS)
    assert len(chosen) == MIN_SENTENCES
    assert all("fund" in sentence for sentence in chosen)
    assert "ducks" not in " ".join(chosen)


def test_sentences_of_both_languages() -> None:
    assert split_sentences("一。二！“三？”四 Mr. X paid 3.5 yuan. It was much.") == [
        "一。", "二！", "“三？”", "四 Mr.", "X paid 3.5 yuan.", "It was much.",
    ]  # fmt: skip


@given(st.lists(st.text("ab。. A中国？\n", max_size=60), max_size=12))
def test_sentences_are_the_text_s_own_and_in_its_order(paragraphs: list[str]) -> None:
    chosen = key_sentences(paragraphs)
    assert len(chosen) <= MAX_SENTENCES
    everything = [sentence for paragraph in paragraphs for sentence in split_sentences(paragraph)]
    assert [everything.index(sentence) for sentence in chosen] == sorted(map(everything.index, chosen))
    for paragraph in paragraphs:
        assert "".join("".join(split_sentences(paragraph)).split()) == "".join(paragraph.split())
