"""The bell of the page: who may follow by it, and what refuses."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from bot.cli.web import open_host
from bot.container import Services
from bot.digest.subscription import MAX_SUBSCRIPTIONS, Destination
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.users.preferences import Preferences, PreferenceStore
from retrieval.library import Library
from tests.support.page import NOW, links, page_client, page_host, parse_page
from tests.support.telegram import TOKEN
from web.request.form import form_token

TOPIC = "原始创新"
QUESTION = "怀柔科学城面积多大?"
OWN = {"Origin": "http://testserver"}
TOPIC_PAGE, SEARCH_PAGE = f"/t/{quote(TOPIC)}", f"/search?q={quote(QUESTION)}"

Fields = dict[str, str]


@pytest.fixture
def services(library: Library, question_log: QuestionLog, tmp_path: Path) -> Iterator[Services]:
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path)
    built = Services.of(settings, library, question_log, now=lambda: NOW)
    yield built
    built.close()


@pytest.fixture
def page(services: Services, library: Library, data: Path) -> Iterator[TestClient]:
    with page_client(library, data, page_host(services, lambda: NOW)) as client:
        yield client


def session_of(services: Services, user: int) -> Fields:
    key, _ = services.page_sessions.open_mini_app(user, "en", f"signature of {user}") or ("", 0)
    return {"Cookie": f"zhidian={key}"}


def fields(html: str, action: str) -> Fields:
    """The hidden fields of the only form of that address, as a browser without script sends them."""
    assert html.count(f'action="{action}"') == 1
    form = html.partition(f'action="{action}"')[2].partition("</form>")[0].partition(">")[2]
    found = [one.attributes for one in parse_page(form) if one.name == "input"]
    return {one["name"]: one["value"] for one in found}


def subjects(services: Services, user: int) -> list[tuple[str, str]]:
    return [(one.spec.kind, one.spec.subject) for one in services.subscriptions.at(Destination(user))]


@pytest.mark.parametrize(
    ("path", "kind", "subject"), [(TOPIC_PAGE, "topic", TOPIC), (SEARCH_PAGE, "question", QUESTION)]
)
def test_the_bell_follows_and_unfollows_without_script(
    page: TestClient, services: Services, path: str, kind: str, subject: str
) -> None:
    who = session_of(services, 8)
    sent = fields(page.get(path, headers=who).text, "/follow")
    followed = page.post("/follow", data=sent, headers=who | OWN)
    assert followed.status_code == 303
    assert subjects(services, 8) == [(kind, subject)]
    [one] = services.subscriptions.at(Destination(8))
    assert one.next_at
    assert one.next_at > NOW
    assert one.spec.at_once is False
    assert services.subscriptions.due(NOW + timedelta(days=1)) == [one]
    shown = page.get(followed.headers["location"], headers=who).text
    assert "You follow this." in shown
    listed = page.get("/following", headers=who).text
    [address] = [href for text, href in links(listed).items() if text.startswith(subject)]  # both of a topic's names
    assert page.get(address, headers=who).status_code == 200
    page.post("/follow", data=sent, headers=who | OWN)  # from a second tab
    assert len(subjects(services, 8)) == 1
    gone = page.post("/unfollow", data=fields(shown, "/unfollow"), headers=who | OWN)
    assert gone.status_code == 303
    assert subjects(services, 8) == []
    assert 'action="/follow"' in page.get(gone.headers["location"], headers=who).text


def test_the_page_s_process_knows_at_once_what_was_chosen_in_telegram(library: Library, tmp_path: Path) -> None:
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path)
    with open_host(settings, library) as host, closing(PreferenceStore(tmp_path / "bot.db")) as telegram:
        session, _ = host.sessions.open_mini_app(8, "en", "signature") or ("", 0)
        for chosen, hour in ((Preferences("zh", "07:30"), "07:30"), (Preferences("en", "21:00"), "21:00")):
            telegram.choose(8, chosen)
            viewer = host.viewer(session)
            assert viewer
            assert viewer.language == chosen.language
            assert host.follow(viewer, "search", f"steel at {hour}", "en") == "followed"
            assert any(hour in one.when for one in host.followed(viewer, "en") if one.subject.endswith(hour))


def test_what_has_no_answer_yet_is_told_at_once(page: TestClient, services: Services) -> None:
    who = session_of(services, 8)
    sent = fields(page.get("/search?q=qwzxv+jkqpt", headers=who).text, "/follow")
    page.post("/follow", data=sent, headers=who | OWN)
    [one] = services.subscriptions.at(Destination(8))
    assert one.spec.at_once


def test_a_second_press_keeps_the_times_and_ends_a_pause(page: TestClient, services: Services) -> None:
    who, service = session_of(services, 8), services.subscription_service("")
    sent = fields(page.get(TOPIC_PAGE, headers=who).text, "/follow")
    page.post("/follow", data=sent, headers=who | OWN)
    [one] = services.subscriptions.at(Destination(8))
    services.subscriptions.reschedule(one.id, one.spec.schedule, None, NOW)
    page.post("/follow", data=sent, headers=who | OWN)
    assert services.subscriptions.at(Destination(8))[0].next_at is None
    service.pause(one)
    page.post("/follow", data=sent, headers=who | OWN)
    [again] = services.subscriptions.at(Destination(8))
    assert again.paused is None
    assert again.next_at


def test_markup_in_what_is_followed_stays_text(page: TestClient, services: Services) -> None:
    who, hostile = session_of(services, 8), "<script>alert(1)</script>\"'&"
    searched = page.get("/search", params={"q": hostile}, headers=who).text
    page.post("/follow", data=fields(searched, "/follow"), headers=who | OWN)
    for path in ("/following", f"/search?q={quote(hostile)}"):
        shown = page.get(path, headers=who).text
        assert "<script>alert" not in shown
        assert shown.count("<script") == 1
    assert hostile in links(page.get("/following", headers=who).text)


def test_the_list_unfollows(page: TestClient, services: Services) -> None:
    who = session_of(services, 8)
    assert "nothing yet" in page.get("/following", headers=who).text
    page.post("/follow", data=fields(page.get(TOPIC_PAGE, headers=who).text, "/follow"), headers=who | OWN)
    sent = fields(page.get("/following", headers=who).text, "/unfollow")
    for _ in range(2):  # a second press finds it gone, which is what was wished
        gone = page.post("/unfollow", data=sent, headers=who | OWN)
        assert gone.headers["location"] == "/following"
        assert subjects(services, 8) == []


def test_the_language_that_was_chosen_stays(page: TestClient, services: Services) -> None:
    who = session_of(services, 8)
    sent = fields(page.get(f"{TOPIC_PAGE}?lang=zh", headers=who).text, "/follow")
    followed = page.post("/follow", data=sent, headers=who | OWN)
    assert followed.headers["location"].endswith("?lang=zh")
    assert "已关注" in page.get(followed.headers["location"], headers=who).text


FORGERIES: dict[str, Callable[[Fields, Fields], tuple[Fields, Fields]]] = {
    "no origin": lambda form, who: (form, who),
    "another origin": lambda form, who: (form, who | {"Origin": "https://evil.example"}),
    "a hidden origin": lambda form, who: (form, who | {"Origin": "null"}),
    "from another site": lambda form, who: (form, who | OWN | {"Sec-Fetch-Site": "cross-site"}),
    "an empty token": lambda form, who: ({**form, "token": ""}, who | OWN),
    "a wrong token": lambda form, who: ({**form, "token": form["token"][::-1]}, who | OWN),
    "a token of no text": lambda form, who: ({**form, "token": "é\x00"}, who | OWN),
    "no token": lambda form, who: ({name: value for name, value in form.items() if name != "token"}, who | OWN),
    "no session": lambda form, _: (form, OWN),
    "no session, its token": lambda form, _: ({**form, "token": form_token("")}, OWN),
    "a forged session": lambda form, _: (form, OWN | {"Cookie": "zhidian=forged.key"}),
    "a forged session, its token": lambda form, _: (
        {**form, "token": form_token("forged.key")},
        OWN | {"Cookie": "zhidian=forged.key"},
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_form_that_is_not_of_this_page_and_session_does_nothing(
    page: TestClient, services: Services, forgery: str
) -> None:
    who = session_of(services, 8)
    page.post("/follow", data=fields(page.get(TOPIC_PAGE, headers=who).text, "/follow"), headers=who | OWN)
    before = subjects(services, 8)
    assert before
    follow = fields(page.get(SEARCH_PAGE, headers=who).text, "/follow")
    unfollow = fields(page.get("/following", headers=who).text, "/unfollow")
    for path, form in (("/follow", follow), ("/unfollow", unfollow)):
        sent, headers = FORGERIES[forgery](form, who)
        refused = page.post(path, data=sent, headers=headers)
        assert refused.status_code == 403
        assert "invited" not in refused.text
    assert subjects(services, 8) == before
    assert page.get("/follow", headers=who).status_code == 405  # a link or a picture sends no form


def test_another_person_s_token_or_number_does_nothing(page: TestClient, services: Services) -> None:
    one, other = session_of(services, 8), session_of(services, 9)
    mine = fields(page.get(TOPIC_PAGE, headers=one).text, "/follow")
    assert page.post("/follow", data=mine, headers=other | OWN).status_code == 403
    page.post("/follow", data=mine, headers=one | OWN)
    number = fields(page.get("/following", headers=one).text, "/unfollow")["id"]
    for _ in range(2):  # also from the cache
        assert any(text.startswith(TOPIC) for text in links(page.get("/following", headers=one).text))
        assert TOPIC not in links(page.get("/following", headers=other).text)
        assert TOPIC not in links(page.get("/following").text)
    token = fields(page.get(TOPIC_PAGE, headers=other).text, "/follow")["token"]
    page.post("/unfollow", data={"id": number, "token": token}, headers=other | OWN)
    assert subjects(services, 8) == [("topic", TOPIC)]
    assert subjects(services, 9) == []


def test_what_comes_to_a_channel_is_neither_shown_nor_ended_here(page: TestClient, services: Services) -> None:
    """Who may change it is asked of Telegram, by the bot."""
    who, service = session_of(services, 8), services.subscription_service("")
    page.post("/follow", data=fields(page.get(TOPIC_PAGE, headers=who).text, "/follow"), headers=who | OWN)
    [one] = services.subscriptions.at(Destination(8))
    services.subscriptions.move(8, -100)
    assert TOPIC not in page.get("/following", headers=who).text
    token = fields(page.get(TOPIC_PAGE, headers=who).text, "/follow")["token"]
    page.post("/unfollow", data={"id": str(one.id), "token": token}, headers=who | OWN)
    assert service.planner.subscriptions.get(one.id)


def test_who_is_shut_out_follows_nothing_more(
    library: Library, question_log: QuestionLog, data: Path, tmp_path: Path
) -> None:
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, access="invite", admins=frozenset({7}))
    services = Services.of(settings, library, question_log, now=lambda: NOW)
    services.access.accept(services.access.invite(7), 8, "B")
    who, host = session_of(services, 8), page_host(services, lambda: NOW)
    viewer = host.viewer(who["Cookie"].partition("=")[2])
    assert viewer
    with page_client(library, data, host, open=False) as page:
        sent = fields(page.get(TOPIC_PAGE, headers=who).text, "/follow")
        services.access.revoke(8)
        assert host.follow(viewer, "topic", TOPIC, "en") == "refused"
        for path in ("/follow", "/unfollow"):
            assert page.post(path, data=sent, headers=who | OWN).status_code == 403
            assert page.post(path, data=sent, headers=OWN).status_code == 403
        assert page.get("/following").status_code == 403
    assert subjects(services, 8) == []
    services.close()


def test_a_session_that_was_taken_back_follows_nothing(page: TestClient, services: Services) -> None:
    who = session_of(services, 8)
    sent = fields(page.get(TOPIC_PAGE, headers=who).text, "/follow")
    services.page_sessions.revoke(8)
    assert page.post("/follow", data=sent, headers=who | OWN).status_code == 403
    assert subjects(services, 8) == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"subject": "no such topic"}, 404),
        ({"subject": ""}, 400),
        ({"kind": "search", "subject": "\u200b \x00?"}, 400),
        ({"kind": "search", "subject": "x" * 301}, 400),
        ({"kind": "channel"}, 400),
        ({"kind": ""}, 400),
        ({"subject": "x" * 20_000}, 413),
        ({f"more{n}": "x" for n in range(20)}, 400),
    ],
)
def test_what_cannot_be_followed_is_refused(page: TestClient, services: Services, change: Fields, status: int) -> None:
    who = session_of(services, 8)
    sent = fields(page.get(TOPIC_PAGE, headers=who).text, "/follow")
    assert page.post("/follow", data=sent | change, headers=who | OWN).status_code == status
    assert subjects(services, 8) == []


@pytest.mark.parametrize("id", ["", "-1", "x", "9" * 30, "٣"])
def test_an_unreadable_number_is_refused(page: TestClient, services: Services, id: str) -> None:
    who = session_of(services, 8)
    sent = fields(page.get(TOPIC_PAGE, headers=who).text, "/follow")
    assert page.post("/unfollow", data=sent | {"id": id}, headers=who | OWN).status_code == 400


def test_nobody_follows_faster_than_people_press(page: TestClient, services: Services) -> None:
    who = session_of(services, 8)
    sent = fields(page.get(TOPIC_PAGE, headers=who).text, "/follow")
    for _ in range(40):
        last = page.post("/follow", data=sent, headers=who | OWN)
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) >= 1
    assert page.get(TOPIC_PAGE, headers=who).status_code == 200


def test_one_more_than_one_can_read_is_refused_with_a_word(page: TestClient, services: Services) -> None:
    who, host = session_of(services, 8), page_host(services, lambda: NOW)
    sent = fields(page.get(TOPIC_PAGE, headers=who).text, "/follow")
    viewer = host.viewer(who["Cookie"].partition("=")[2])
    assert viewer
    for n in range(MAX_SUBSCRIPTIONS):
        assert host.follow(viewer, "search", f"怀柔 {n}", "en") == "followed"
    full = page.post("/follow", data=sent, headers=who | OWN)
    assert full.status_code == 409
    assert links(full.text)["Stop following something first."] == "/following"
    assert len(subjects(services, 8)) == MAX_SUBSCRIPTIONS


def test_a_visitor_whom_nobody_knows_is_sent_to_the_bot(
    services: Services, library: Library, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.page.sessions.BOT_NAME_SECONDS", 0.0)
    english = {"Accept-Language": "en"}
    with page_client(library, data, page_host(services, lambda: NOW)) as page:
        assert "t.me" not in page.get(TOPIC_PAGE, headers=english).text  # the bot never said its name
    services.page_sessions.set_bot_name("zhidian_bot")
    with page_client(library, data, page_host(services, lambda: NOW)) as page:
        topic = page.get(TOPIC_PAGE, headers=english).text
        assert "token" not in topic
        payload = _bell(topic).removeprefix("https://t.me/zhidian_bot?start=")
        assert TOPIC in services.answers.start(payload, "en").text
        command = quote(f"/subscribe {QUESTION}", safe="")
        assert _bell(page.get(SEARCH_PAGE, headers=english).text) == f"https://t.me/zhidian_bot?text={command}"
        unknown = page.get("/following", headers=english).text
        assert "does not know who you are" in unknown
        assert "https://t.me/zhidian_bot" in unknown


def _bell(html: str) -> str:
    return next(href for text, href in links(html).items() if text.endswith("Follow in Telegram"))
