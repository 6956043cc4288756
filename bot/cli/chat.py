"""The bot in the terminal or behind a pipe: lines in, answers as text out."""

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from html.parser import HTMLParser

from rich.console import Console
from rich.text import Text

from bot.cli.output import piped_lines
from bot.conversation.answering import EMPTY_SUMMARY
from bot.conversation.browsing import summarize_corpus
from bot.conversation.conversation import ConversationService
from bot.conversation.recognizer import Recognizer
from bot.conversation.relaxing import find_relaxations
from bot.conversation.request import Intent
from bot.conversation.wording import has_letters
from bot.question_log.log import Asker, QuestionLog
from bot.render import answer
from bot.render.answer import RenderContext
from bot.render.html import escape
from bot.render.i18n import Language, language_of, reader_language, say_in
from bot.render.relaxation import render_relaxations
from bot.settings import Settings
from bot.transport.command_menu import COMMANDS
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.model.outlets import document_links
from retrieval.model.results import Result

TERMINAL_ASKER = Asker(place="terminal")
TELEGRAM_COMMAND = re.compile(r"/[a-z]{1,32}")  # not a question: nobody who writes /status searches for that word
PAGES_IN_WORDS: Mapping[Intent, str] = {
    "help": "help",
    "topics": "topics",
    "privacy": "privacy",
    "forget": "privacy",
    "status": "status",
}
TAG_STYLES = {"b": "bold", "i": "italic"}


class _Painter(HTMLParser):
    """Turns Telegram's HTML into rich text; without clickable links, URLs are written out."""

    def __init__(self, clickable: bool) -> None:
        super().__init__()
        self.text = Text()
        self._clickable = clickable
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(dict(attrs).get("href") or tag)

    def handle_endtag(self, tag: str) -> None:
        opened = self._open.pop()
        if tag == "a" and not self._clickable:
            self.text.append(f" <{opened}>")

    def handle_data(self, data: str) -> None:
        styles = [f"link {style}" if "://" in style else TAG_STYLES.get(style, "") for style in self._open]
        self.text.append(data, " ".join(filter(None, styles)) if self._clickable else "")


def render_html(html: str, clickable: bool = False) -> Text:
    painter = _Painter(clickable)
    painter.feed(html)
    painter.close()
    return painter.text


def show(pages: Iterable[str], console: Console) -> None:
    for page in pages:
        # A pipe gets long lines unwrapped.
        console.print(render_html(page, console.is_terminal), soft_wrap=not console.is_terminal)
        console.print()


def open_console() -> Console:
    # All styles come from `render_html`; rich must not find more of them in the texts.
    return Console(highlight=False, markup=False, emoji=False)


def terminal_language(environ: Mapping[str, str]) -> Language:
    """The locale's language."""
    return reader_language(environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or "en")


def reply(line: str, answers: ConversationService, language: Language) -> list[str]:
    """`language` is for the commands; what is said in words is answered in its own language."""
    command, _, rest = line.strip().partition(" ")
    match command.lower():
        case "/start":
            return answers.full_summary(rest.strip(), language)
        case "/help" | "/topics" | "/privacy":
            return [_page(command.lower()[1:], answers, language)]
        case "/ask" if rest.strip():
            line = rest
        case other if TELEGRAM_COMMAND.fullmatch(other) and (not rest.strip() or other[1:] in COMMANDS):
            return [escape(say_in(language)("terminal-commands"))]
    spoken = language_of(line) if has_letters(line) else language
    request = answers.recognize(line)
    page = PAGES_IN_WORDS.get(request.intent) if request else None
    return [_page(page, answers, spoken) if page else answers.ask(line, spoken, TERMINAL_ASKER).text]


def _page(name: str, answers: ConversationService, language: Language) -> str:
    say = say_in(language)
    match name:
        case "help":
            return escape(say("terminal-help"))
        case "topics":
            return answers.topics(0, language).text
        case "privacy":
            return escape(say("privacy"))
    return escape(answers.holdings(language))


def chat(answers: ConversationService, language: Language, console: Console) -> None:
    lines = piped_lines(sys.stdin.buffer)
    if sys.stdin.isatty():
        console.print(render_html(escape(say_in(language)("terminal-hello"))))
        lines = typed_lines()
    for line in lines:
        if line.strip():
            show(reply(line, answers, language), console)


def typed_lines() -> Iterator[str]:
    with contextlib.suppress(ImportError):
        import readline  # gives input() editing and a history where the system has it

        # In a locale that the system lacks, it would take the bytes of Chinese for keys held with Meta.
        for setting in ("input-meta on", "output-meta on", "convert-meta off"):
            readline.parse_and_bind(f"set {setting}")
    while True:
        try:
            yield input("› ")
        except EOFError:
            sys.stdout.write("\n")  # so that the shell's prompt starts on a new line
            return


def run_terminal(settings: Settings, library: Library) -> None:
    with contextlib.closing(QuestionLog(settings.data / "bot.db")) as question_log:
        recognizer = Recognizer(library.nearness)
        recognizer.start_encoding()
        library.examples.wait()  # else the first line would be recognised by its words alone
        answers = ConversationService(library, question_log, settings.search_address, recognizer=recognizer)
        chat(answers, terminal_language(os.environ), open_console())


def print_answer(result: Result, library: Library, settings: Settings, points: int, now: datetime) -> None:
    today = now.astimezone(BEIJING).date()
    style = RenderContext(
        language_of(result.question), partial(document_links, search_address=settings.search_address), today
    )
    corpus = summarize_corpus(library) if result.verdict == "none" else EMPTY_SUMMARY
    relaxed = render_relaxations(find_relaxations(library, result, now), result.reading, style.say)
    show([*answer.render_listing(result, corpus, style, points), *([relaxed] if relaxed else [])], open_console())
