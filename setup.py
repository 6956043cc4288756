"""The loops in C, which retrieval/runtime/kernels.py calls. pyproject.toml knows extensions only as an experiment."""

from pathlib import Path

from setuptools import Extension, setup

# Sums must not depend on whether a processor can fuse a multiplication with an addition.
FLAGS = ["-O3", "-std=c11", "-Wall", "-Wextra", "-ffp-contract=off"]

SOURCES = sorted(str(path) for path in Path("retrieval").rglob("*.c"))

setup(ext_modules=[Extension("retrieval.runtime._kernels", SOURCES, extra_compile_args=FLAGS)])
