"""Handles /topic of operators: lists, tries, adds and removes topics that gather by themselves."""

import asyncio
import re

from telegram import Message

from bot.handlers.base import Context, HandlerGroup, operators_only
from bot.render.html import bold, escape, paginate, single_line, truncate
from bot.render.i18n import Say
from bot.render.reply import Reply
from bot.transport import message_text
from bot.transport.sender import send
from retrieval.administration.gathering import TopicRuleError
from retrieval.model.outlets import outlet
from retrieval.storage.topic_rules import TopicRule

WORD_SEPARATOR = re.compile(r"[,，、;；\n]+")
RULE = re.compile(r"(?P<name>[^:：]+?)\s*(?:[:：](?P<words>.*))?", re.DOTALL)
MAX_TITLES_SHOWN = 10
MAX_LINE_CHARS = 300


class TopicHandlers(HandlerGroup):
    @operators_only(private=True)
    async def topic(self, message: Message, _: Context, say: Say) -> None:
        for page in await asyncio.to_thread(self._run, message_text.after_command(message), say):
            await send(message, Reply(page))

    def _run(self, arguments: str, say: Say) -> list[str]:
        """`add NAME: words`, `try NAME: words`, `remove NAME`, or the list."""
        gathering = self._services.answers.library.gathering
        word, _, rest = arguments.strip().partition(" ")
        if word == "remove" and (name := rest.strip()):
            left = gathering.remove(name)
            if left is None:
                return [escape(say("topic-rule-unknown", topic=name))]
            return [escape(say("topic-rule-removed", topic=name, documents=left))]
        if word in ("add", "try") and (rule := parse_rule(rest)):
            try:
                if word == "add":
                    return [escape(say("topic-rule-added", topic=rule.name, documents=gathering.add(rule)))]
                titles = [document.title for document in gathering.candidates(rule)]
            except TopicRuleError as error:
                return [escape(say("topic-rule-refused", error=str(error)))]
            head = say("topic-rule-tried", topic=rule.name, documents=len(titles))
            return [escape("\n".join([head, *(_short(title) for title in titles[-MAX_TITLES_SHOWN:])]))]
        return self._list(say)

    def _list(self, say: Say) -> list[str]:
        gathering = self._services.answers.library.gathering
        blocks = [
            f"{bold(rule.name)}\n{escape(_short(describe_rule(rule, gathering.gathered(rule.name), say)))}"
            for rule in gathering.rules()
        ]
        return list(paginate([*blocks, escape(say("topic-rule-how"))]))


def parse_rule(text: str) -> TopicRule | None:
    """`NAME: word, other word, outlet:经济日报, -excluded`; the name alone is its own word."""
    match = RULE.fullmatch(text.strip())
    if not match:
        return None
    name = single_line(match["name"])
    parts = [one.strip() for one in WORD_SEPARATOR.split(match["words"] or name) if one.strip()]
    outlets = tuple(outlet(one.partition(":")[2]).name for one in parts if one.startswith("outlet:"))
    excluded = tuple(one[1:].strip() for one in parts if one.startswith("-") and one[1:].strip())
    words = tuple(one for one in parts if not one.startswith(("outlet:", "-")))
    return TopicRule(name, words or (name,), outlets, excluded)


def describe_rule(rule: TopicRule, joined: int, say: Say) -> str:
    between = say("between-words")
    lines = [say("topic-rule", words=between.join(rule.words), documents=joined)]
    lines += [say("topic-rule-outlets", outlets=between.join(rule.outlets))] if rule.outlets else []
    lines += [say("topic-rule-excluded", words=between.join(rule.excluded))] if rule.excluded else []
    return "\n".join(lines)


def _short(text: str) -> str:
    return truncate(text, MAX_LINE_CHARS)
