"""Matching: a filter to the keys of the documents that pass, and characters to whether they stand in points; in SQL."""

import json
import sys
from datetime import date, timedelta

from retrieval.model.document_filter import DocumentFilter

MATCHING_SQL = """
    SELECT key FROM documents
    WHERE (:outlets = '[]' OR outlet IN (SELECT value FROM json_each(:outlets)))
    AND (:topics = '[]' OR key IN (
        SELECT document FROM topics WHERE name IN (SELECT value FROM json_each(:topics))))
    AND published >= :since AND published < :until AND key > :after AND key <= :through ORDER BY key"""
# for the few words that look like slips
WRITTEN_SQL = """
    SELECT EXISTS (SELECT 1 FROM points p JOIN documents d ON d.key = p.document
        WHERE p.key IN (SELECT value FROM json_each(:points)) AND (instr(lower(p.text), :characters)
            OR instr(lower(p.section), :characters) OR instr(lower(d.title), :characters)))"""
# of outlets and topics, for the same words; it reads all documents, which takes 4 ms where these have 100,000 points
PRINTED_NAMES_SQL = "SELECT lower(outlet) FROM documents UNION SELECT lower(name) FROM topics"


def matching_values(wanted: DocumentFilter) -> dict[str, object]:
    return {
        "outlets": json.dumps(wanted.outlets),
        "topics": json.dumps(wanted.topics),
        "since": str(wanted.since or ""),
        "until": str(wanted.until + timedelta(days=1)) if wanted.until and wanted.until < date.max else "9",
        "after": wanted.after,
        "through": sys.maxsize if wanted.through is None else wanted.through,
    }
