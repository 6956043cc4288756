"""Handlers: Telegram's updates go in, calls on the services and replies come out; they hold no state and no SQL."""
