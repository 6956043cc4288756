"""The bot in Telegram as one application.

In: settings and a library. Out: a process that answers until it is told to stop. It puts handlers, workers and
monitoring together, and decides nothing about answers.
"""
