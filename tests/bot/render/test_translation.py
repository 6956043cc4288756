"""Places for translated lines: filled as far as a message has room, never seen."""

from hypothesis import given
from hypothesis import strategies as st

from bot.render.html import MAX_MESSAGE_UNITS, escape, fits_message, paginate, visible_text
from bot.render.i18n import say_in
from bot.render.translation import fill_places, place, places_in, translated_line

LINES = st.dictionaries(st.integers(0, 20), st.text(max_size=300).map(lambda text: translated_line(text, say_in("zh"))))
PIECES = st.lists(st.one_of(st.text(max_size=200).map(escape), st.integers(0, 20)), max_size=20)


def assembled(pieces: list[str | int]) -> str:
    return "".join(piece if isinstance(piece, str) else f"\n{place(piece, 100)}" for piece in pieces)


@given(PIECES, LINES)
def test_no_place_is_ever_seen_and_nothing_else_is_lost(pieces: list[str | int], lines: dict[int, str]) -> None:
    html, plain = assembled(pieces), "".join(piece for piece in pieces if isinstance(piece, str))
    assert fill_places(html, {}) == plain
    filled = fill_places(html, lines)
    assert not set(filled) & {"\ue000", "\ue001"}
    assert fits_message(filled) or filled == plain
    for line in lines.values():
        filled = filled.replace(f"\n{line}", "")
    assert len(filled) <= len(plain)


@given(st.text(alphabet="a1:\n\ue000\ue001"))
def test_what_people_write_is_no_place(text: str) -> None:
    assert places_in(f"\n{escape(text)}\n") == []


def test_lines_are_filled_in_order_while_there_is_room() -> None:
    html = f"{'x' * 4000}\n{place(1, 50)}\n{place(2, 50)}"
    filled = fill_places(html, {1: "y" * 60, 2: "z" * 60})
    assert filled == f"{'x' * 4000}\n{'y' * 60}"


def test_pages_keep_room_for_lines() -> None:
    blocks = [f"{'x' * 200}\n{place(number, 300)}" for number in range(20)]
    pages = list(paginate(blocks))
    lines = dict.fromkeys(range(20), "y" * 300)
    filled = [fill_places(page, lines) for page in pages]
    assert sum(page.count("y") for page in filled) == 6000
    assert all(len(visible_text(page)) <= MAX_MESSAGE_UNITS for page in filled)
    assert list(paginate(["a", "b"])) == ["a\n\nb"]
