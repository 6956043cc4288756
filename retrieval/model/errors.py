"""Errors that operators must act on; the command line imports them before anything heavy."""


class CorpusError(Exception):
    """The file is not a corpus, or cannot be opened."""


class LaterVersionError(Exception):
    """A later version wrote the file; the text names the file and the unknown migrations."""


class CorpusUnreachableError(Exception):
    """The corpus is on other machines, and enough of them cannot be reached now: later it may go."""
