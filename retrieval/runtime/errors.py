"""Errors that operators must act on; the command line imports them before anything heavy."""


class MissingKernelsError(Exception):
    """The library of loops in C is not there, or is not that of this source."""
