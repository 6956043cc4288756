"""What bot.db keeps of persons and chats, over all tables: each owner of tables is one of `Personal`."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol


class HoldsPersonalData(Protocol):
    """Owns tables with people or chats in them. A private chat has its person's id, groups have negative ones."""

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        """The person's rows by table."""

    def forget(self, user: int) -> int:
        """Erases the person's rows; how many there were."""

    def move(self, chat: int, to: int) -> None:
        """The group became a supergroup: its rows go by a new id."""

    def left(self, chat: int) -> None:
        """The bot was removed from the chat: what only works there is erased or paused."""


class PersonalDataRegistry:
    """All owners as one; an owner that is missing here is missing from /export and /forget."""

    def __init__(self, owners: Sequence[HoldsPersonalData]) -> None:
        self.owners = owners

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        return {table: rows for owner in self.owners for table, rows in owner.export(user).items()}

    def forget(self, user: int) -> int:
        return sum(owner.forget(user) for owner in self.owners)

    def move(self, chat: int, to: int) -> None:
        for owner in self.owners:
            owner.move(chat, to)

    def left(self, chat: int) -> None:
        for owner in self.owners:
            owner.left(chat)


def tables(export: Iterable[tuple[str, list[dict[str, Any]]]]) -> dict[str, list[dict[str, Any]]]:
    """Tables without rows are left out."""
    return {table: rows for table, rows in export if rows}
