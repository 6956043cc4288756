"""Delivery of the outbox to Telegram: each message is sent at most once as far as can be known.

In: the outbox of bot.digest. Out: requests through the rate limiter, and the state of each message in the outbox.
It does not know how digests are composed or when they are due.
"""
