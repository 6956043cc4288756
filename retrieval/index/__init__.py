"""The inverted index: a corpus's tokens in; postings, term dictionary and BM25 scores of concepts out.

Segments are immutable and saved; a snapshot of them catches up with the corpus. Knows nothing of questions.
"""
