"""Prompt answers: a question goes in, its Reply comes out, without a thread; None where it takes one.

Most messages are questions that stand for themselves. All they wait for is the search.
"""

import asyncio
from dataclasses import dataclass

from bot.conversation.answering import FOLLOW_UP_SPAN, is_marked, raise_shown, request_for, shown_documents
from bot.conversation.content import own_content, points_back
from bot.conversation.conversation import BACK_SPAN, ConversationService, strip_command
from bot.conversation.follow_ups import follow_up_subject
from bot.conversation.search_line import LoopSearch
from bot.question_log.log import Asker, LoggedAnswer
from bot.render.answer import MOST_POINTS
from bot.render.i18n import Language
from bot.render.reply import Reply
from retrieval.model.results import Result


@dataclass(frozen=True, slots=True)
class PromptAnswers:
    """For messages that reply to nothing, where no texts are translated."""

    search: LoopSearch

    async def ask(self, answers: ConversationService, text: str, language: Language, asker: Asker) -> Reply | None:
        text = strip_command(text)
        if not text or not answers.recognizer.is_question(text):
            return None
        since = answers.now() - BACK_SPAN
        known = answers.question_log.known_last(asker, since)
        if known is None:
            await asyncio.to_thread(answers.question_log.remember_newest, since)
            known = answers.question_log.known_last(asker, since)
        if known is None or not _stands_alone(text, known[0], answers):
            return None
        before = known[0] if known[0] and known[0].asked_at >= answers.now() - FOLLOW_UP_SPAN else None
        asked = answers.begin_question(text, asker, before=before)
        result = await self._result(answers, asked, before)
        if result is None:
            return None
        if result.verdict == "none":
            return await asyncio.to_thread(answers.finish_question, asked, result, language)
        return answers.finish_question(asked, result, language)

    async def _result(
        self, answers: ConversationService, asked: LoggedAnswer, before: LoggedAnswer | None
    ) -> Result | None:
        """As `search_logged`."""
        found = await self.search.search(request_for(asked))
        result = found and answers.judge(asked.whole, found)
        if result is None or before is None or result.verdict == "none":
            return result
        documents = before.documents
        if documents is None:
            earlier = await self.search.search(request_for(before))
            if earlier is None:
                return None
            documents = shown_documents(before, earlier)
        raised = raise_shown(result, asked, documents)
        if is_marked(raised, result):
            return raised
        every = await self.search.search(request_for(asked, shown=MOST_POINTS))
        return every and raise_shown(answers.judge(asked.whole, every), asked, documents)


def _stands_alone(text: str, before: LoggedAnswer | None, answers: ConversationService) -> bool:
    """Whether nothing of the message before is needed to understand this one, for certain."""
    if before and not answers.recognizer.is_question(before.whole):
        return False
    return bool(own_content(text)) and not follow_up_subject(text) and not points_back(text)
