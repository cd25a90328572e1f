"""The atlas as files: what is written, when it is written again, and what every page carries."""

from __future__ import annotations

import pytest
from atlas_site import RELEASE_ID, write_planted_site

from warehouse.atlas import site as atlas
from warehouse.errors import ReleaseError
from warehouse.settings import DataDirectory, Settings


@pytest.fixture(scope="module")
def planted(published, tmp_path_factory):
    return write_planted_site(published, tmp_path_factory.mktemp("atlas"))


def test_every_page_names_the_release_and_forbids_other_hosts(planted):
    pages = sorted(planted.rglob("*.html"))
    assert planted / "index.html" in pages
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert RELEASE_ID in text, page
        assert "default-src 'none'" in text, page


def test_a_site_is_built_once_for_each_release_and_each_version_of_the_code(published, monkeypatch):
    assert atlas.build_atlas(published).is_new
    again = atlas.build_atlas(published)
    assert not again.is_new
    assert (again.root / "index.html").is_file()
    monkeypatch.setattr(atlas, "fingerprint_code", lambda: "another")
    assert atlas.build_atlas(published).is_new
    assert sorted(path.name for path in published.data.reports.iterdir() if "atlas." in path.name) == [".atlas.lock"]


def test_a_data_directory_without_a_release_says_what_to_run(tmp_path):
    settings = Settings(DataDirectory(tmp_path), tmp_path / "sources.toml")
    with pytest.raises(ReleaseError, match="make run"):
        atlas.build_atlas(settings)
