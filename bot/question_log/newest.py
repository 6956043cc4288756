"""The newest question of each who asked lately, kept in memory: a place goes in, its last question comes out."""

from collections.abc import Sequence
from datetime import datetime

from bot.question_log.record import Asker, LoggedAnswer

Place = tuple[int | None, int | None, int | None]


def place_of(asker: Asker) -> Place:
    """Who asks, and where: a follow-up is to a question of the same."""
    return asker.user, asker.chat, asker.thread


class NewestQuestions:
    """Not safe for threads. Until it was filled, and where more than `most` asked, only the disk knows the rest."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Place, LoggedAnswer] = {}
        self._filled_since: datetime | None = None
        self._overflowed = False
        self.forgotten = 0  # how often; what was read before must not be filled in after

    @property
    def wants_filling(self) -> bool:
        return self._filled_since is None and not self._overflowed

    def find(self, asker: Asker, since: datetime) -> tuple[LoggedAnswer | None] | None:
        """With None in it where there is none; None where that is not known."""
        known = self._known.get(place_of(asker))
        if known:
            return (known if known.asked_at >= since else None,)
        return (None,) if self._filled_since and self._filled_since <= since else None

    def note(self, question: LoggedAnswer, *, is_new: bool) -> None:
        """A question that was just asked, or one that changed."""
        place = place_of(question.asker)
        known = self._known.get(place)
        if is_new or (known and known.id == question.id):
            if known is None and len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
                self._filled_since, self._overflowed = None, True
            self._known[place] = question

    def fill(self, questions: Sequence[LoggedAnswer], since: datetime, forgotten: int) -> None:
        """The newest of each place since then, read as of `forgotten`; what was asked meanwhile is newer."""
        if forgotten == self.forgotten and self.wants_filling:
            for question in questions[: self._most]:
                self._known.setdefault(place_of(question.asker), question)
            self._overflowed = len(questions) > self._most or len(self._known) > self._most
            self._filled_since = None if self._overflowed else since

    def forget(self) -> None:
        self._known.clear()
        self._filled_since = None
        self.forgotten += 1
