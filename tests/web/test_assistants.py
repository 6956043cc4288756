"""The tools for assistants, as the official client of the protocol calls them."""

import json
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

from bot.cli.output import json_line
from retrieval.library import Library
from tests.support.page import NOW
from tests.support.process import ZHIDIAN, environment
from web.assistants import build_assistant_server

QUESTION = "怀柔科学城面积多大?"


async def test_the_official_client_searches_and_reads_in_a_process_of_its_own(data: Path, tmp_path: Path) -> None:
    command, *arguments = ZHIDIAN
    server = StdioServerParameters(
        command=command,
        args=[*arguments, "mcp", "--data", str(data)],
        env=environment(PYTHONPATH=str(Path.cwd()), ZHIDIAN_SEMANTIC="off"),
        cwd=tmp_path,
    )
    async with Client(server) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"search", "document", "topics"}
        found = structured(await client.call_tool("search", {"question": QUESTION, "points": 2}))
        assert "100.9 square kilometers" in found["points"][0]["text"]
        document = structured(await client.call_tool("document", {"id": found["points"][0]["document"]}))
        assert document["title"] == found["points"][0]["title"]
        topics = structured(await client.call_tool("topics", {}))
        assert topics["topics"][0]["name"] == "原始创新"


async def test_a_search_is_what_the_command_prints_and_links_to_the_page(library: Library) -> None:
    server = build_assistant_server(
        library, "https://x.example/?q={query}", "https://news.example.org", lambda: NOW, "1"
    )
    async with Client(server) as client:
        found = structured(await client.call_tool("search", {"question": QUESTION, "points": 2}))
        printed = json.loads(json_line(library.search(QUESTION, 2, now=NOW), lambda _: ()))
        assert [point["text"] for point in found["points"]] == [point["text"] for point in printed["points"]]
        page = next(link["url"] for link in found["points"][0]["links"] if link["kind"] == "page")
        assert page == f"https://news.example.org/d/{found['points'][0]['document']}"


async def test_bad_calls_are_told_what_is_wrong(library: Library) -> None:
    server = build_assistant_server(library, "https://x.example/?q={query}", "", lambda: NOW, "1")
    async with Client(server) as client:
        calls: list[tuple[str, dict[str, Any], str]] = [
            ("search", {"question": " "}, "empty"),
            ("search", {"question": "x", "points": 0}, "points"),
            ("document", {"id": "../etc/passwd"}, "no document"),
        ]
        for name, arguments, said in calls:
            answer = await client.call_tool(name, arguments)
            assert answer.is_error
            assert said in str(answer.content)


def structured(answer: Any) -> dict[str, Any]:
    assert not answer.is_error, answer.content
    found: dict[str, Any] = answer.structured_content
    return found
