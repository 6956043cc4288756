"""The page: topics, documents and search in a browser and as a Mini App, an API, Atom feeds and tools for assistants.

In: a library, and a `PageHost` that says who may look. Out: an ASGI application. It imports `retrieval` alone: what the
bot knows (people, subscriptions, the question log) comes through the host, which the bot's command line puts in.
"""
