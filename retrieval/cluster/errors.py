"""What a cluster cannot do: it is away, it is full, or it holds something else."""

from retrieval.model.errors import CorpusError, CorpusUnreachableError


class ClusterRefusedError(CorpusError):
    """It answered, and will not do it however often it is asked: login, rights, or a request that it does not take."""


class ClusterFullError(CorpusUnreachableError):
    """It takes nothing in, since its disks are full."""


class ForeignCorpusError(CorpusError):
    """Another machine's corpus is on the cluster under this prefix."""


class NoProjectionError(CorpusUnreachableError):
    """Nothing of this version's tokens is on the cluster yet."""
