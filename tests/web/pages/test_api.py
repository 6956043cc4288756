"""The API: the contract of `zhidian search --json`, and errors in one form."""

import json

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from bot.cli.output import json_line
from retrieval.library import Library
from tests.support.page import NOW

QUESTION = "怀柔科学城面积多大?"


def test_a_search_is_what_the_command_prints(page: TestClient, library: Library) -> None:
    answer = page.get("/api/search", params={"q": QUESTION, "k": 3}).json()
    printed = json.loads(json_line(library.search(QUESTION, 3, now=NOW), lambda _: ()))
    for one in (answer, printed):
        one.pop("milliseconds")
        for point in one["points"]:
            point.pop("links")
    assert answer == printed


def test_answers_are_as_the_openapi_document_says(page: TestClient) -> None:
    described = page.get("/api/openapi.json").json()
    [document] = {hit["document"] for hit in page.get("/api/search", params={"q": QUESTION, "k": 1}).json()["points"]}
    asked = {"/api/search": f"/api/search?q={QUESTION}", "/api/documents/{id}": f"/api/documents/{document}"}
    assert described["paths"].keys() == {*asked, "/api/topics"}
    for path, operations in described["paths"].items():
        schema = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        _validator(described, schema).validate(page.get(asked.get(path, path)).json())


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/search", 400, "bad_request"),
        ("/api/search?q=x&k=0", 400, "bad_request"),
        ("/api/search?q=x&k=51", 400, "bad_request"),
        ("/api/search?q=x&k=9999999999999999", 400, "bad_request"),
        ("/api/search?q=x&k=٣", 400, "bad_request"),
        ("/api/search?q=x&k=0500", 400, "bad_request"),
        ("/api/search?q=x&k=00" + "1" * 4_500, 400, "bad_request"),
        ("/api/documents/none", 404, "not_found"),
        ("/api/documents/..%2f..%2fetc%2fpasswd", 404, "not_found"),
        ("/api/nothing", 404, "not_found"),
    ],
)
def test_errors_have_one_form(page: TestClient, path: str, status: int, code: str) -> None:
    answer = page.get(path)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    described = page.get("/api/openapi.json").json()
    _validator(described, {"$ref": "#/components/schemas/Error"}).validate(answer.json())


@pytest.mark.parametrize("path", ["/api/topics", "/api/openapi.json", f"/api/search?q={QUESTION}"])
def test_who_has_an_answer_is_not_sent_it_again(page: TestClient, path: str) -> None:
    first = page.get(path)
    again = page.get(path, headers={"If-None-Match": f'W/"other", {first.headers["etag"]}'})
    assert again.status_code == 304
    assert not again.content


def _validator(described: dict[str, object], schema: dict[str, object]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": described["components"]})
