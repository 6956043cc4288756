from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from retrieval.library import Library
from tests.support.page import page_client


@pytest.fixture
def page(library: Library, data: Path) -> Iterator[TestClient]:
    with page_client(library, data) as client:
        yield client
