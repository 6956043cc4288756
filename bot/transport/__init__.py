"""Telegram in and out: updates are received and queued durably, replies are sent at a limited rate.

In: Telegram's updates and errors, replies to send. Out: updates for the handlers, requests to the Bot API.
It knows nothing of search, digests or users.
"""
