"""A request: all that a search depends on beside the corpus, as it goes from process to process."""

from dataclasses import dataclass
from datetime import datetime

from retrieval.model.record import Record


@dataclass(frozen=True, slots=True)
class SearchRequest(Record):
    """As `Library.search` is given it."""

    question: str
    k: int
    now: datetime
    after: int = 0
    until: int | None = None
    shown: int | None = None

    @property
    def marked(self) -> int:
        """How many of the first hits get their matches and what they lack: the first decides the verdict with it."""
        return max(self.k if self.shown is None else min(self.shown, self.k), 1)
