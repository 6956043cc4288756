"""Search: an analyzed query in; ranked, judged, highlighted and folded hits out.

Scores over a snapshot, fetches only the hits' documents. Knows nothing of Telegram or of who asks.
"""
