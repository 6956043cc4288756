"""The checks of `zhidian doctor`.

In: the settings, the data folder, Telegram, the network. Out: findings with a severity and a remedy. Changes nothing,
and knows neither handlers nor the running bot.
"""
