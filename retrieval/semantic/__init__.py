"""Search by meaning, with the extra `semantic`: points and questions become vectors, and similarities come out.

Works without the extra as if there were no vectors. Knows nothing of how results are ranked or shown.
"""
