"""The loops in C, which retrieval/runtime/kernels.py calls. pyproject.toml knows extensions only as an experiment."""

from pathlib import Path

from setuptools import Extension, setup

# Sums must not depend on whether a processor can fuse a multiplication with an addition.
FLAGS = ["-O3", "-std=c11", "-Wall", "-Wextra", "-ffp-contract=off"]

SOURCES, HEADERS = (sorted(map(str, Path("retrieval").rglob(pattern))) for pattern in ("*.c", "*.h"))

# An upgrade finds what the last one compiled in build/, which a changed header makes too old.
setup(ext_modules=[Extension("retrieval.runtime._kernels", SOURCES, depends=HEADERS, extra_compile_args=FLAGS)])
