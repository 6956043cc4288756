"""What who runs Zhidian must act on: light, for the command line knows them before it loads anything."""


class CorpusError(Exception):
    """The file is not a corpus, or cannot be opened."""


class LaterVersionError(Exception):
    """A later version has written the file. The text names it and its unknown migrations."""
