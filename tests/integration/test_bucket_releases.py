"""Releases in a bucket: read, compared and rolled back on any machine; of two publishers one is stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bucket_desk import count_deals, keep_candidate, publish, settings_of
from floor_samples import promote_articles

from warehouse import comparison, history, releases
from warehouse.build import read_candidate
from warehouse.errors import GateError
from warehouse.shelf import open_shelf

if TYPE_CHECKING:
    from machines import Machines


def test_a_release_is_read_compared_and_rolled_back_on_any_machine(machines: Machines) -> None:
    builder, reader = machines.initialised(), machines.initialised()
    assert releases.find_published(reader) is None
    promote_articles(builder, "load-1")
    first = publish(builder, "build-1", deals=5)
    assert releases.current_release_id(reader) == first
    assert count_deals(reader) == 5
    promote_articles(builder, "load-2")
    candidate = keep_candidate(builder, "build-2", deals=6)
    publisher = machines.start()
    second = releases.publish(
        settings_of(publisher), read_candidate(settings_of(publisher), candidate.build_id)
    ).release_id
    assert count_deals(reader) == 6
    assert [release.release_id for release in releases.list_releases(reader)] == [second, first]
    assert {change.table for change in comparison.compare(reader, first, second).tables} >= {"fct_deals"}
    releases.roll_back(reader, first)
    assert releases.current_release_id(builder) == first
    assert count_deals(builder) == 5
    assert releases.is_up_to_date(builder, candidate.inputs["fingerprint"]), "what was rolled back isn't built again"
    assert history.newest_release(publisher) == second


def test_old_releases_leave_the_bucket(machines: Machines) -> None:
    data = machines.initialised()
    settings = replace(settings_of(data), kept_releases=2)
    ids = []
    for number in range(3):
        promote_articles(data, f"load-{number}")
        ids.append(releases.publish(settings, keep_candidate(data, f"build-{number}", deals=number + 1)).release_id)
    assert [release.release_id for release in releases.list_releases(machines.start())] == ids[:0:-1]
    assert not [key for key in machines.server.list_keys() if f"releases/{ids[0]}/" in key]
    with pytest.raises(Exception, match="kept are"):
        releases.read_release(machines.start(), ids[0])


def test_of_two_publishers_one_is_stopped_by_the_pointer_even_without_a_lease(machines: Machines) -> None:
    slow, quick = machines.initialised(), machines.initialised()
    promote_articles(slow, "load-1")
    first = publish(slow, "build-1")
    promote_articles(slow, "load-2")
    late = keep_candidate(slow, "build-2", deals=6)
    folder = slow.releases / ".writing-late"
    folder.mkdir(parents=True)
    (folder / "release.json").write_text("{}")
    shelf = open_shelf(slow)
    quick_id = publish(quick, "build-3", deals=7)
    with pytest.raises(GateError, match="another machine has published"):
        shelf.make_current(folder, "late", instead_of=first)
    with pytest.raises(GateError, match="was published since"):
        releases.publish(settings_of(slow), late)
    assert releases.current_release_id(slow) == quick_id
