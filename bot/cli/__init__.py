"""The commands of `zhidian`, and the bot as a chat in the terminal.

In: arguments, standard input. Out: results on standard output, everything else on standard error, an exit code.
Modules import what is heavy inside the command that needs it.
"""
