"""What the page of `web` is told by the bot: who may look, what they follow, and what is logged of their searches.

In: sessions, signed links, what Telegram signed of a person. Out: a host for the page. Knows nothing of Telegram's API.
"""
