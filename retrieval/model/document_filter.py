"""Which documents may be shown, or are raised: said in words, so that each kind of corpus applies it where it lies."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Documents of any of these outlets (canonical names) and of any of these topics, printed on these days in
    Beijing, both inclusive, and with a `first_seen` above `after` and at most `through`. What is empty lets all pass.
    """

    outlets: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    after: int = 0
    through: int | None = None

    def __bool__(self) -> bool:
        """Whether it keeps any document out."""
        return self != NO_FILTER


NO_FILTER = DocumentFilter()
