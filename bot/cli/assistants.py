"""`zhidian mcp`: the library as tools for people's assistants."""

from importlib.metadata import version
from pathlib import Path

import click

from bot.cli.options import data_option
from bot.cli.readonly_data import settings_to_read
from bot.cli.web import searching_library
from bot.settings import ConfigError
from retrieval.storage.timestamps import utc_now


@click.command()
@data_option
def mcp(data: Path | None) -> None:
    """Serve search, documents and topics over standard input and output by the Model Context Protocol.

    An assistant starts it by itself. It takes the extra: pip install 'zhidian[mcp]', or make install EXTRAS=mcp.
    """
    try:
        from web.assistants import build_assistant_server
    except ModuleNotFoundError as error:
        raise ConfigError(f"zhidian mcp needs the extra mcp ({error}); make install EXTRAS=mcp") from None
    with settings_to_read(data) as settings, searching_library(settings, None) as library:
        server = build_assistant_server(library, settings.search_address, settings.web_url, utc_now, version("zhidian"))
        server.run("stdio")
