"""Rules of topics that gather by themselves, in a file of the data folder: names and filters, one rule a topic."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.runtime.atomic_file import atomic_write


@dataclass(frozen=True, slots=True)
class TopicRule:
    """Documents with one of the `words`, of one of the `outlets` (canonical names; none: of all) and without any of
    the `excluded` words join the topic."""

    name: str
    words: tuple[str, ...]
    outlets: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


class TopicRules:
    """Follows the file, also where another process or an editor writes it."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._stamp: tuple[int, int] = (0, 0)
        self._rules: tuple[TopicRule, ...] = ()

    def all(self) -> Sequence[TopicRule]:
        """In the order in which they were added; none where the file cannot be read."""
        with self._lock:
            try:
                status = self._path.stat()
                stamp = status.st_mtime_ns, status.st_size
                if stamp != self._stamp:
                    lines = self._path.read_text("utf-8-sig").splitlines()
                    self._stamp, self._rules = stamp, tuple(rule for line in lines if (rule := _parse(line)))
            except (OSError, UnicodeDecodeError):
                self._stamp, self._rules = (0, 0), ()
            return self._rules

    def find(self, name: str) -> TopicRule | None:
        return next((rule for rule in self.all() if rule.name == name), None)

    def put(self, rule: TopicRule) -> None:
        """In place of the topic's rule, if it has one."""
        self._write([*(one for one in self.all() if one.name != rule.name), rule])

    def remove(self, name: str) -> bool:
        left = [one for one in self.all() if one.name != name]
        if len(left) == len(self.all()):
            return False
        self._write(left)
        return True

    def _write(self, rules: Sequence[TopicRule]) -> None:
        lines = (
            json.dumps(
                {"topic": one.name, "words": one.words, "outlets": one.outlets, "exclude": one.excluded},
                ensure_ascii=False,
            )
            for one in rules
        )
        # durable: nothing else knows what the operator wrote
        with atomic_write(self._path, durable=True) as temporary:
            temporary.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _parse(line: str) -> TopicRule | None:
    """None for a line that is no rule: somebody may have edited the file."""
    try:
        value = json.loads(line)
        rule = TopicRule(str(value["topic"]), *(_texts(value.get(key, [])) for key in ("words", "outlets", "exclude")))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return rule if rule.name and rule.words else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value if str(one).strip()) if isinstance(value, list) else ()
