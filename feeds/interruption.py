"""Interruptions: why the sandbox did not read its input to the end goes in, what is said of it comes out."""

from retrieval.formats.problem_texts import describe
from retrieval.model.problem import Problem
from retrieval.runtime.sandbox import SandboxError


def interruption(error: SandboxError) -> Problem:
    return Problem.of(f"read-{error.kind}", seconds=error.seconds)


def reason_of(error: Exception) -> str:
    """One line for the operator, in English, of whatever kept a source or page from being read."""
    return describe(interruption(error)) if isinstance(error, SandboxError) else str(error)
