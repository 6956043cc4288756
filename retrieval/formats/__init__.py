"""Readers of files from outside: bytes in, Documents or Refusals (with line, reason and remedy) out.

Topic exports, JSON Lines, Markdown and web pages. Knows neither the corpus nor the network.
"""
