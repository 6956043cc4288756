"""Ingestion by hand: an address goes in, documents come out; what an operator uploaded can be taken back.

Imports no telegram.
"""
