"""Anaphora: a text goes in, whether it begins with a word for something that the text before it named comes out."""

import re

BACK_REFERENCE = re.compile(
    r"\s*(?:(?:[Ii]ts?|[Tt]hey|[Tt]heirs?|[Tt]hem|[Tt]hese|[Tt]his|[Tt]hose|[Hh]e|[Ss]he|[Hh]is|[Hh]er|[Bb]oth|[Ss]uch)\b"
    r"|[Tt]he (?:company|firm|group|enterprise|institute|laboratory|facility|platform|project|program|fund|policy|plan"
    r"|measure|initiative|technology|product|city|region|former|latter|article|author|report)s?\b"
    r"|[其它他她该此]|这|两者|(?:公司|企业|集团|平台|项目|该院|当地|后者|前者)(?!们))"
)


def refers_back(text: str) -> bool:
    """Whether the text begins with 'It', 'The company', 其 or the like."""
    return BACK_REFERENCE.match(text) is not None
