"""Personal data over all tables of bot.db: a person or chat goes in, every owner of tables exports or erases it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class HoldsPersonalData(Protocol):
    """Owns tables with people or chats. A private chat has its person's id, a group a negative one.

    `export` gives a person's rows by table, `forget` erases and counts them. `move` follows a group that became a
    supergroup with another id; `left` erases or pauses what only works in a chat with the bot.
    """

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]: ...
    def forget(self, user: int) -> int: ...
    def move(self, chat: int, to: int) -> None: ...
    def left(self, chat: int) -> None: ...


class PersonalDataRegistry:
    """An owner that is missing here is missing from /export and /forget."""

    def __init__(self, owners: Sequence[HoldsPersonalData], truncate_wal: Callable[[], object]) -> None:
        """`truncate_wal` is called after rows were erased."""
        self.owners, self.truncate_wal = owners, truncate_wal

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        return {table: rows for owner in self.owners for table, rows in owner.export(user).items()}

    def forget(self, user: int) -> int:
        erased = sum(owner.forget(user) for owner in self.owners)
        self.truncate_wal()
        return erased

    def move(self, chat: int, to: int) -> None:
        for owner in self.owners:
            owner.move(chat, to)

    def left(self, chat: int) -> None:
        for owner in self.owners:
            owner.left(chat)
