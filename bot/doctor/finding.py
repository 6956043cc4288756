"""What `zhidian doctor` found, and how it stands on paper."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.render.html import single_line
from bot.render.redaction import redact

Severity = Literal["well", "mind", "fault"]

SEVERITY_MARKS = {"well": "✓", "mind": "!", "fault": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`fault` where it keeps the bot from working, `mind` where somebody should look at it."""

    severity: Severity
    subject: str
    text: str
    remedy: str = ""


def finding_table(findings: Sequence[Finding], secrets: Iterable[str] = ()) -> Iterator[str]:
    """A line for each, and one that counts; no secret stands in them, whatever a server said."""
    secrets = list(filter(None, secrets))
    width = max((len(one.subject) for one in findings), default=0)
    for one in findings:
        text = single_line(f"{one.text} → {one.remedy}" if one.remedy else one.text)
        for secret in secrets:
            text = redact(text, secret)
        yield f"{SEVERITY_MARKS[one.severity]} {one.subject:<{width}}  {text}"
    faults = sum(one.severity == "fault" for one in findings)
    minds = sum(one.severity == "mind" for one in findings)
    yield f"{faults} faults, {minds} to look at" if faults or minds else "all is well"
