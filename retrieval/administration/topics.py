"""Topics that gather by themselves, as operators add, try and remove them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from retrieval.administration.gathering import TopicGatherer
from retrieval.administration.ingestion import Ingester
from retrieval.model.documents import Document
from retrieval.runtime.progress import OnProgress
from retrieval.storage.corpus import Corpus
from retrieval.storage.gathered import count_gathered, release_gathered
from retrieval.storage.topic_rules import TopicRule

JOINED_AT_ONCE = 200  # documents in one transaction


class GatheringTopics:
    """All methods block: reading a document takes a millisecond."""

    def __init__(self, path: Path, corpus: Corpus, gatherer: TopicGatherer, ingester: Ingester) -> None:
        self._path, self._corpus, self._gatherer, self._ingester = path, corpus, gatherer, ingester

    def rules(self) -> Sequence[TopicRule]:
        return self._gatherer.rules.all()

    def find(self, topic: str) -> TopicRule | None:
        return self._gatherer.rules.find(topic)

    def gathered(self, topic: str) -> int:
        """How many documents are in it by their words alone."""
        return count_gathered(self._path, topic)

    def candidates(self, rule: TopicRule, progress: OnProgress = lambda *_: None) -> Iterator[Document]:
        """The stored documents that would join, oldest first; TopicRuleError for a rule that says too little."""
        self._gatherer.check(rule)
        total, done, seen = self._corpus.counts().documents, 0, 0
        while batch := self._corpus.after(seen, None, JOINED_AT_ONCE):
            seen, done = batch[-1][0], done + len(batch)
            yield from (one for _, one in batch if rule.name not in one.topics and self._gatherer.fits(rule, one))
            progress(rule.name, done, total)

    def add(self, rule: TopicRule, progress: OnProgress = lambda *_: None) -> int:
        """From now on, and at once for what is there; returns how many documents joined. A topic's rule is replaced,
        and what joined by the one before stays only if it fits the new one."""
        self._gatherer.check(rule)
        release_gathered(self._path, rule.name)
        self._gatherer.rules.put(rule)  # before the stored ones: what comes in meanwhile must not be left out
        found = list(self.candidates(rule, progress))
        return sum(
            self._ingester.join(found[at : at + JOINED_AT_ONCE], rule.name)
            for at in range(0, len(found), JOINED_AT_ONCE)
        )

    def remove(self, topic: str) -> int | None:
        """How many documents left the topic; None if it does not gather."""
        return release_gathered(self._path, topic) if self._gatherer.rules.remove(topic) else None
