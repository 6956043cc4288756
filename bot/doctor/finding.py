"""Findings of `zhidian doctor`, and the lines that print them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.render.html import single_line
from bot.render.redaction import redact

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """An `error` keeps the bot from working; a `warning` wants a look."""

    severity: Severity
    subject: str
    text: str
    remedy: str = ""


def finding_table(findings: Sequence[Finding], secrets: Iterable[str] = ()) -> Iterator[str]:
    """One line for each finding, then one with the numbers; no secret is in them, whatever a server said."""
    secrets = tuple(secrets)
    width = max((len(finding.subject) for finding in findings), default=0)
    for finding in findings:
        text = single_line(f"{finding.text} → {finding.remedy}" if finding.remedy else finding.text)
        yield f"{finding.severity:<7} {finding.subject:<{width}}  {redact(text, *secrets)}"
    errors, warnings = (sum(one.severity == severity for one in findings) for severity in ("error", "warning"))
    yield f"{errors} errors, {warnings} warnings" if errors or warnings else "all is well"
