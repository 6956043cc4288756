"""Search by meaning: points and questions become vectors, and similarities come out.

Until there are vectors, words alone find points. Knows nothing of how results are ranked or shown.
"""
