"""One real node for all contract tests; they are asked for by `make test-cluster`."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from cluster.nodes import LocalCluster, MissingJavaError, classpath, running


@pytest.fixture(scope="session")
def one_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with nodes_or_skip(tmp_path_factory, 1) as cluster:
        yield cluster


def nodes_or_skip(folders: pytest.TempPathFactory, count: int, more: str = "") -> AbstractContextManager[LocalCluster]:
    """In .ci/run, which sets ZHIDIAN_TEST_CLUSTER, a machine without Java fails."""
    folder = folders.mktemp("cluster")
    try:
        classpath(folder)
        return running(folder, count, more=more)
    except MissingJavaError as error:
        if os.environ.get("ZHIDIAN_TEST_CLUSTER") == "required":
            pytest.fail(str(error))
        pytest.skip(f"NOT TESTED: {error}")
