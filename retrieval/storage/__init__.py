"""Documents in SQLite and in files: documents and their tokens go in, documents, points and index rows come out.

Knows nothing of how tokens are made or ranked. `store` also opens the bot's own database.
"""
