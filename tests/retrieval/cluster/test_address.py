"""The setting that names a cluster, as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.cluster.address import ClusterAddress

SECRET = "hush-hush"


def test_hosts_login_and_prefix() -> None:
    address = ClusterAddress.parse(f"opensearch+https://bot:{SECRET}%40@one.example,two:9201/news")
    assert address.hosts == (("one.example", 9200), ("two", 9201))
    assert (address.user, address.password, address.prefix, address.tls) == ("bot", f"{SECRET}@", "news", True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9200", "[::1]:9200", "127.0.0.7,127.0.0.1"])
def test_without_encryption_to_this_machine_only(host: str) -> None:
    assert not ClusterAddress.parse(f"opensearch+http://{host}/news").tls
    with pytest.raises(ValueError, match="this machine only"):
        ClusterAddress.parse(f"opensearch+http://{host},10.0.0.1/news")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("https://host/news", "no address of a cluster"),
        ("opensearch+https://host", "no address of a cluster"),
        ("opensearch+https://host/", "prefix"),
        ("opensearch+https://host/News", "prefix"),
        ("opensearch+https://host/_news", "prefix"),
        ("opensearch+https://host:0/news", "host:port"),
        ("opensearch+https://host:99999/news", "host:port"),
        ("opensearch+https://one,,two/news", "host:port"),
        (f"opensearch+https://bot:{SECRET}@ho st/news", "host:port"),
        (f"opensearch+https://bot:{SECRET}/news", "host:port"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as error:
        ClusterAddress.parse(written)
    assert SECRET not in str(error.value)


@given(st.text(), st.text(alphabet="abcdefghijklmnopq%@/:", min_size=6))
def test_no_text_ends_in_another_error_and_no_password_is_shown(written: str, password: str) -> None:
    for text in (written, f"opensearch+https://bot:{password}@host/news"):
        try:
            shown = f"{ClusterAddress.parse(text)!r}"
        except ValueError as error:
            shown = str(error)
        assert password not in shown or text == written
