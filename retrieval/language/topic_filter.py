"""The filter of a topic: a name goes in, what one writes to search in that topic alone comes out; and the way back."""

import re

QUOTE_PAIRS = ('""', "「」", "『』", "《》", "“”")  # the first that fits is taken
MUST_BE_QUOTED = re.compile(rf"[\s{''.join(QUOTE_PAIRS)}]")
_QUOTED_NAME = "|".join(f"{pair[0]}([^{pair[1]}]+){pair[1]}" for pair in QUOTE_PAIRS)
ONLY_TOPIC = re.compile(rf"\s*topic:(?:{_QUOTED_NAME}|(\S+))\s*", re.IGNORECASE)


def topic_filter(name: str) -> str:
    """Quoted where it must be; '' as of `quoted_topic_filter`."""
    return quoted_topic_filter(name) if MUST_BE_QUOTED.search(name) else name and f"topic:{name}"


def quoted_topic_filter(name: str) -> str:
    """All of the name is meant, also where a topic has a part of it. '' if it is empty, or has quotes of every kind."""
    fitting = next((pair for pair in QUOTE_PAIRS if not set(pair) & set(name)), None)
    return f"topic:{fitting[0]}{name}{fitting[1]}" if name and fitting else ""


def read_topic_filter(text: str) -> str | None:
    """The topic's name as it is written; None where the text is anything else than a topic's filter."""
    only = ONLY_TOPIC.fullmatch(text)
    return next(filter(None, only.groups())) if only else None
