"""The process log, /metrics and /healthz.

In: log records, answered questions, the services. Out: lines on standard error, and HTTP for Prometheus. It reads
counts, and never the text of a question unless the setting asks for it.
"""
