"""Subscriptions and digests: who follows what and when, what is news to them, and the outbox of deliveries.

In: commands of subscribers, the corpus, the clock. Out: replies as text and buttons, messages in the outbox.
It imports no telegram, and nothing here sends.
"""
