"""The operator's language model: texts go in, checked translations and composed sentences come out.

Nothing that a model says leaves this package unchecked. It knows no Telegram and no search.
"""
