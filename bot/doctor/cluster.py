"""Checks the cluster of ZHIDIAN_CORPUS: reached and let in, new enough, whole, and up to date."""

import re
from collections.abc import Iterator
from contextlib import closing

from bot.doctor.finding import Finding
from bot.settings import Settings
from retrieval.administration.ingestion import analyzer_fingerprint
from retrieval.cluster.client import ClusterClient
from retrieval.cluster.generations import CLAUSE_LIMIT, MAX_CLAUSES
from retrieval.cluster.inspection import ClusterHealth, inspect_cluster
from retrieval.cluster.naming import IndexNames
from retrieval.model.errors import CorpusError, CorpusUnreachableError
from retrieval.storage.corpus import Corpus

MIN_VERSION = (2, 9)  # scripts count terms from there on
REINDEX = "run `zhidian cluster reindex` on the machine where documents come in"


def check_cluster(settings: Settings) -> Iterator[Finding]:
    """Nothing where the corpus is in the data folder."""
    if not (address := settings.cluster):
        return
    try:
        with closing(ClusterClient(address)) as client:
            health = inspect_cluster(client, IndexNames.of(address.prefix, analyzer_fingerprint()))
    except CorpusUnreachableError as error:
        yield Finding("error", "cluster", str(error), "are the nodes running, and does a firewall let this machine in?")
        return
    except CorpusError as error:
        yield Finding("error", "cluster", str(error), "see ZHIDIAN_CORPUS and ZHIDIAN_CORPUS_CA in docs/cluster.md")
        return
    yield _version(health)
    yield _health(health)
    yield from _limits(health)
    if health.has_manager:
        yield from _corpus(health, settings)
    yield from _troubles(health)


def _version(health: ClusterHealth) -> Finding:
    product, _, number = health.version.partition(" ")
    found = tuple(int(part) for part in re.findall(r"\d+", number)[:2])
    if product != "opensearch" or found < MIN_VERSION:
        return Finding("error", "cluster", f"this is {health.version}", "OpenSearch 2.9 or later is needed")
    return Finding("ok", "cluster", f"{health.version}, {health.nodes} nodes")


def _health(health: ClusterHealth) -> Finding:
    if not health.has_manager:
        text = "too many nodes are away: nothing can be written, and not everything can be found"
        return Finding("error", "cluster health", text, "start them again")
    if health.status == "red":
        text = "shards are missing: questions get no answer until a node that has them is back"
        return Finding("error", "cluster health", text, "start it, or restore a snapshot (docs/cluster.md)")
    if health.status == "yellow":
        text = "answers are whole, but some shards have no second copy"
        return Finding("warning", "cluster health", text, "start the missing node; a cluster of one stays like this")
    return Finding("ok", "cluster health", "every shard has its copies")


def _limits(health: ClusterHealth) -> Iterator[Finding]:
    if health.clauses is not None and health.clauses < MAX_CLAUSES:
        text = f"a query may have {health.clauses} clauses; questions of many words need up to {MAX_CLAUSES}"
        yield Finding("error", "cluster limits", text, f"set {CLAUSE_LIMIT} to {MAX_CLAUSES} in the cluster's settings")
    if health.scripts is False:
        text = "the cluster runs no inline scripts in Painless, which score the points"
        yield Finding("error", "cluster limits", text, "take script.allowed_types out of opensearch.yml")


def _corpus(health: ClusterHealth, settings: Settings) -> Iterator[Finding]:
    state = health.state
    if health.generation is None or state is None:
        yield Finding("error", "cluster corpus", "there is none for this version of the bot yet", REINDEX)
        return
    text = f"generation {health.generation}, {health.size_bytes / 1e6:.1f} MB with copies"
    if not (path := settings.data / "corpus.db").exists():
        yield Finding("ok", "cluster corpus", f"{text}; documents come in on another machine")
        return
    with closing(Corpus(path)) as corpus:
        last, owner = corpus.counts().last_seen, corpus.identity()
        behind = sum(1 for _ in corpus.rows(state.point)) if owner == state.owner else 0
    if last == 0:
        yield Finding("ok", "cluster corpus", f"{text}; documents come in on another machine")
    elif owner != state.owner:
        remedy = f"let documents in there; to replace it with this machine's corpus, {REINDEX}"
        yield Finding("error", "cluster corpus", f"{text}; it is another machine's, and this one has documents", remedy)
    elif behind:
        remedy = "a running bot writes them; `zhidian cluster reindex` does it at once"
        yield Finding("warning", "cluster corpus", f"{text}; {behind} points are not there yet", remedy)
    else:
        yield Finding("ok", "cluster corpus", f"{text}; all that came in here is there")


def _troubles(health: ClusterHealth) -> Iterator[Finding]:
    if health.blocked:
        text = f"its disks were full: {', '.join(health.blocked[:3])} takes nothing in"
        yield Finding("error", "cluster disks", text, "make room on the nodes; OpenSearch opens the index by itself")
    for stuck in health.stuck:
        text = f"a copy of {stuck.index} has not begun for {stuck.seconds:.0f} s"
        yield Finding("warning", "cluster recovery", text, f"restart {stuck.source}, which has the primary")
    if health.others:
        text = f"other versions of the bot have indexes here: {', '.join(health.others)}"
        yield Finding("warning", "cluster", text, "once no bot of that version runs, delete them: docs/cluster.md")
