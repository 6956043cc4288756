"""Tools of the Model Context Protocol: a library goes in; search, document and topics for assistants come out.

Needs the extra `mcp`, which is imported here only.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from retrieval.language.bilingual_names import other_names
from retrieval.language.plain_text import replace_surrogates, single_line
from retrieval.library import Library
from retrieval.model.documents import Document
from retrieval.model.json_contract import document_json, result_json, topic_json
from retrieval.model.outlets import Link, document_links
from web.addresses import Addresses

INSTRUCTIONS = (
    "Search summaries of Chinese economic and technology news. Cite the outlet, the date and the title of each point"
    " that you use, with its link; the numbers in `citations` are paragraphs of the article. The verdict says whether"
    " the points answer the question: answer, maybe (they are only near to it) or none."
)
READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)
MAX_ASSISTANT_POINTS = 20


def build_assistant_server(
    library: Library, search_address: str, page: str, now: Callable[[], datetime], version: str
) -> MCPServer[Any]:
    """`page` is the page's public address, to which points link, or ''."""

    def links(document: Document) -> list[Link]:
        found = document_links(document, search_address)
        return [*found, Link("page", Addresses(page).document(document.id))] if page else list(found)

    def search(
        question: Annotated[
            str,
            Field(
                description="A question or words, Chinese or English. outlet:, topic: and date: filter", max_length=1000
            ),
        ],
        points: Annotated[int, Field(description="At most so many points", ge=1, le=MAX_ASSISTANT_POINTS)] = 5,
    ) -> dict[str, Any]:
        """The points of news that answer a question, best first, each with its source."""
        asked = single_line(replace_surrogates(question))
        if not asked:
            raise ToolError("the question is empty")
        return result_json(library.search(asked, points, now=now()), links)

    def document(
        id: Annotated[str, Field(description="A document's id, as `search` gives it", max_length=40)],
    ) -> dict[str, Any]:
        """A document with all its points."""
        found = library.document(id)
        if found is None:
            raise ToolError(f"there is no document {id}")
        return document_json(found, links)

    def topics() -> dict[str, Any]:
        """The topics of the library with their numbers of documents, the largest first."""
        return {"topics": [topic_json(topic, other_names(topic.name, library.aliases)) for topic in library.topics()]}

    server: MCPServer[Any] = MCPServer("zhidian", title="知点 Zhidian", instructions=INSTRUCTIONS, version=version)
    for tool in (search, document, topics):
        server.add_tool(tool, annotations=READ_ONLY, structured_output=True)
    return server
