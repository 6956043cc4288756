"""Written characters: whether they stand side by side in points, outlets or topics, in SQL."""

# for the few words that look like slips
WRITTEN_SQL = """
    SELECT EXISTS (SELECT 1 FROM points p JOIN documents d ON d.key = p.document
        WHERE p.key IN (SELECT value FROM json_each(:points)) AND (instr(lower(p.text), :characters)
            OR instr(lower(p.section), :characters) OR instr(lower(d.title), :characters)))"""
# of outlets and topics, for the same words; it reads all documents, which takes 4 ms where these have 100,000 points
PRINTED_NAMES_SQL = "SELECT lower(outlet) FROM documents UNION SELECT lower(name) FROM topics"
