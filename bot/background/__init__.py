"""Services that run beside the handlers: deliveries, feeds, erasure of old data.

In: the services of bot.container. Out: context managers that run each of them as long as the bot runs.
They know no updates and no handlers.
"""
