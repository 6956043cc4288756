"""News that comes in by itself: URLs of feeds and pages go in, documents reach the library.

Fetches only from the open internet, within limits. Knows nothing of Telegram.
"""
