"""The corpus on OpenSearch: SQLite's rows are projected there, and questions get candidates and statistics from there.

In: the address of a cluster, and on the ingesting machine its corpus. Out: states of the corpus for `search`, and its
documents. Scores and judges nothing itself: what comes from the cluster is ranked as an embedded index is.
"""
