"""Small corpora for tests: stories as JSON Lines, ingested as a file."""

import json
from collections.abc import Iterable
from pathlib import Path

from retrieval.library import Library

Story = dict[str, object]


def story(
    title: str,
    *points: str,
    outlet: str = "经济日报",
    published: str = "2025-08-12T22:44",
    topic: str = "科创",
    section: str = "",
) -> Story:
    return {
        "title": title,
        "outlet": outlet,
        "published": published,
        "topic": topic,
        "points": [{"section": section, "text": text} for text in points],
    }


def ingest(library: Library, folder: Path, stories: Iterable[Story], name: str = "stories.jsonl") -> None:
    path = folder / name
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in stories), "utf-8")
    report = library.ingest([path])
    assert not report.refused
