"""The registry says what is wrong in it: file, source and field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from extract.errors import RegistryError
from extract.sources import find_source, host_of, load_sources
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = "ada:lovelace"
SOUND = """[[source]]
id = "paper"
kind = "feed"
url = "https://www.paper.example/feed.xml"
publisher = "The Paper"
country = "GBR"
language = "en"
terms_url = "https://www.paper.example/terms"
enabled = false
min_delay_seconds = 2.5
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_bundled_registry_has_the_three_samples_switched_on() -> None:
    sources = load_sources(PROJECT_ROOT / "extract" / "sources.toml")
    enabled = {source.id: source.kind for source in sources if source.is_enabled}
    assert enabled == {"meridian_defence": "feed", "strait_monitor": "feed", "arsenal_gazette": "sitemap"}
    assert all(source.terms for source in sources)


def test_bundled_registry_offers_a_dozen_public_feeds_and_asks_none_of_them() -> None:
    sources = load_sources(PROJECT_ROOT / "extract" / "sources.toml")
    public = [source for source in sources if not (host_of(source) or "").endswith(".example")]
    assert len(public) >= 12
    for source in public:
        assert not source.is_enabled, source.id
        assert source.location.startswith("https://"), source.id
        assert source.terms.startswith("https://"), source.id
        assert (source.min_delay_seconds or 0) >= 2, source.id


def test_sound_source_is_read(tmp_path: Path) -> None:
    (source,) = load_sources(write(tmp_path, SOUND))
    assert (source.id, source.is_enabled, source.min_delay_seconds) == ("paper", False, 2.5)
    assert find_source((source,), "paper") is source


def test_folder_is_found_from_the_registry_on(tmp_path: Path) -> None:
    text = SOUND.replace('kind = "feed"', 'kind = "folder"').replace(
        'url = "https://www.paper.example/feed.xml"', 'path = "texts"'
    )
    text = text.replace('terms_url = "https://www.paper.example/terms"', 'licence = "own texts"')
    (source,) = load_sources(write(tmp_path, text))
    assert (source.location, source.terms) == (str(tmp_path / "texts"), "own texts")


@pytest.mark.parametrize(
    ("kind", "place", "location"),
    [
        ("gdelt", 'url = "https://api.lists.example/doc?format=json"', "https://api.lists.example/doc?format=json"),
        ("articles", 'path = "own.parquet"', "{folder}/own.parquet"),
        ("warc", 'path = "archives"', "{folder}/archives"),
        ("warc", 'url = "https://archives.example/a.warc.gz"', "https://archives.example/a.warc.gz"),
    ],
)
def test_sources_of_many_publishers_need_no_country(tmp_path: Path, kind: str, place: str, location: str) -> None:
    text = SOUND.replace('kind = "feed"', f'kind = "{kind}"').replace('country = "GBR"\n', "")
    text = text.replace('url = "https://www.paper.example/feed.xml"', place) + "since = 2024-05-06\n"
    (source,) = load_sources(write(tmp_path, text))
    assert (source.kind, source.country, source.location) == (kind, None, location.format(folder=tmp_path))
    assert source.since == datetime(2024, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize("place", ['path = "a"\nurl = "https://archives.example/a.warc.gz"', ""])
def test_warc_has_either_path_or_url(tmp_path: Path, place: str) -> None:
    text = SOUND.replace('kind = "feed"', 'kind = "warc"').replace('url = "https://www.paper.example/feed.xml"', place)
    with pytest.raises(RegistryError, match=r"'paper': field path: a warc needs path .* or url, and not both"):
        load_sources(write(tmp_path, text))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'kind = "feed"',
            'kind = "twitter"',
            "'paper': field kind.*twitter.*sitemap, gdelt, folder, articles",
        ),
        ('publisher = "The Paper"\n', "", "'paper': field publisher is missing"),
        ('terms_url = "https://www.paper.example/terms"\n', "", "'paper': field terms_url is missing"),
        ("enabled = false", "enabled = false\ncolour = 1", "'paper': field colour is unknown"),
        ("enabled = false", 'enabled = "no"', "'paper': field enabled: 'no' has the wrong type"),
        ("2.5", "true", "'paper': field min_delay_seconds: True has the wrong type"),
        ("2.5", "-1", "'paper': field min_delay_seconds: must not be negative"),
        ('"GBR"', '"UK"', "'paper': field country"),
        ('"en"', '"english"', "'paper': field language"),
        ('"The Paper"', '"  "', "'paper': field publisher"),
        ('"paper"', '"The Paper"', "field id"),
        ('id = "paper"\n', "", "number 1.*field id is missing"),
        ("https://www.paper.example/feed.xml", "ftp://x.example/", "'paper': field url"),
        ("https://www.paper.example/feed.xml", "http://[x/", "'paper': field url"),
        ("https://www.paper", f"https://{LOGIN}@www.paper", "'paper': field url: it holds a user or password"),
        ('url = "https', 'path = "https', "'paper': field url: a feed needs url"),
        ('kind = "feed"', 'kind = "folder"', "'paper': field path: a folder needs path"),
        ("[[source]]", "[source]", r"no \[\[source\]\] table"),
        ('country = "GBR"\n', "", "'paper': field country is missing.*articles, gdelt, warc"),
        ("enabled = false", 'enabled = false\nsince = "2024"', "field since: '2024' has the wrong type"),
        ("[[source]]", "[[sources]]", "unknown top-level key 'sources'"),
        ("[[source]]", "[[source", "not a readable TOML file"),
    ],
)
def test_what_is_wrong_is_named_with_file_source_and_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in SOUND
    with pytest.raises(RegistryError, match=f"own.toml: .*{told}"):
        load_sources(write(tmp_path, SOUND.replace(old, new, 1)))


def test_id_given_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="'paper': field id: another source"):
        load_sources(write(tmp_path, SOUND + SOUND))


def test_missing_registry_and_unknown_source_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="ARMSLEDGER_SOURCES"):
        load_sources(tmp_path / "none.toml")
    with pytest.raises(RegistryError, match=r"no source 'x'.*paper"):
        find_source(load_sources(write(tmp_path, SOUND)), "x")


def test_a_password_in_a_url_is_not_repeated(tmp_path: Path) -> None:
    text = SOUND.replace("https://www.paper", f"https://{LOGIN}@www.paper")
    with pytest.raises(RegistryError) as raised:
        load_sources(write(tmp_path, text))
    assert "lovelace" not in str(raised.value)
