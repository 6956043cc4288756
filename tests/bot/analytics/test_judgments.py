"""What people thought of answers becomes files that `measure` reads."""

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.analytics.judgments import build_files, substring
from bot.analytics.queries import Feedback, LoggedQuestion
from retrieval.evaluation import gold_questions

TEXTS = {"p": "It cost 3 yuan.", "q": "Nobody came | at all.", "r": "它很贵"}


def asked(text: str, person: int | None = 1, language: str = "en") -> LoggedQuestion:
    return LoggedQuestion(date(2026, 7, 1), "private", person, text, language)


def test_what_was_judged_good_or_chosen_is_gold() -> None:
    said = [
        Feedback(asked("how much?"), "p", "good"),
        Feedback(asked("How much"), "r", "chosen"),
        Feedback(asked("who came"), "q", "good"),
    ]
    made = build_files(said, [], {1}, TEXTS)
    assert made.answerable == ["en\thow much?\tIt cost 3 yuan.|它很贵", "en\twho came\tNobody came"]
    assert (made.wrong, made.unseen, made.gone) == ([], 0, 0)


def test_what_was_judged_wrong_has_a_file_of_its_own_and_half_an_answer_none() -> None:
    said = [
        Feedback(asked("a"), "p", "off"),
        Feedback(asked("b"), "p", "outdated"),
        Feedback(asked("c"), "p", "incomplete"),
        Feedback(asked("d"), "p", "off"),
        Feedback(asked("d"), "p", "good"),
        Feedback(asked("d"), "q", "good"),
        Feedback(asked("e"), "gone", "good"),
    ]
    made = build_files(said, [], {1}, TEXTS)
    assert made.wrong == ["off\ta", "outdated\tb"]
    assert made.answerable == ["en\td\tNobody came"]
    assert made.gone == 1


def test_a_private_person_s_question_is_written_where_three_asked_it() -> None:
    said = [Feedback(asked("secret", 1), "p", "good"), Feedback(asked("How much?", 2), "p", "good")]
    everything = [
        asked("secret", 1),
        asked("secret", 2),
        asked("how much", 3),
        asked("How much?", 4),
        asked("HOW MUCH", 5),
    ]
    made = build_files(said, everything, (), TEXTS)
    assert made.answerable == ["en\tHow much?\tIt cost 3 yuan."]
    assert made.unseen == 1


@given(st.text(min_size=1, max_size=60), st.text(max_size=60))
def test_any_text_makes_lines_that_are_read_again(text: str, question: str) -> None:
    gold = substring(text)
    assert gold in text
    made = build_files([Feedback(asked(question), "p", "good")], [], {1}, {"p": text})
    for written in made.answerable:
        assert len(written.splitlines()) == 1
        kind, asked_, found = written.split("\t")
        assert kind == "en"
        assert asked_.strip()
        assert found == gold.strip()
        assert "|" not in found


def test_measure_reads_them(tmp_path: Path) -> None:
    made = build_files([Feedback(asked("how much?"), "p", "good"), Feedback(asked("why"), "p", "off")], [], {1}, TEXTS)
    (tmp_path / "q.tsv").write_text("\n".join(made.answerable), "utf-8")
    (tmp_path / "u.tsv").write_text("\n".join(made.wrong), "utf-8")
    assert gold_questions.read_answerable(tmp_path / "q.tsv")[0].gold == ("It cost 3 yuan.",)
    assert gold_questions.read_unanswerable(tmp_path / "u.tsv")[0].kind == "off"
