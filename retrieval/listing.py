"""Where lists of documents are read: in this machine's corpus.db, or on a cluster."""

from pathlib import Path

from retrieval.administration.ingestion import analyzer_fingerprint
from retrieval.cluster.address import ClusterAddress
from retrieval.cluster.listing import ClusterListing
from retrieval.storage.listing import CorpusListing, DocumentListing


def open_listing(data: Path, cluster: ClusterAddress | None = None) -> CorpusListing:
    """`data` is the folder with what came in on this machine."""
    own = DocumentListing(data / "corpus.db")
    return ClusterListing(cluster, analyzer_fingerprint(), own) if cluster else own
