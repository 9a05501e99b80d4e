"""The facts in the details panel."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.base import formatting
from photosim.gui.panels.facts import PhotoFactsView
from photosim.gui.state.places import Query
from photosim.records import PhotoFacts
from tests.support.photo_records import make_photo_record

BARE = PhotoFacts(40, 30, "JPEG")


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        (
            replace(BARE, exposure=0.004, aperture=2.8, iso=400, focal_length=35.0),
            "1/250 s · f/2.8 · ISO 400 · 35 mm",
        ),
        (replace(BARE, exposure=0.3), "1/3 s"),
        (replace(BARE, exposure=0.5, aperture=16.0), "0.5 s · f/16"),
        (replace(BARE, exposure=30.0, focal_length=7.5), "30 s · 7.5 mm"),
        (BARE, ""),
    ],
)
def test_an_exposure_is_written_as_on_a_camera(qtbot: QtBot, facts: PhotoFacts, shown: str) -> None:
    assert formatting.format_exposure(facts) == shown


def test_a_photo_names_the_raw_file_beside_it(qtbot: QtBot) -> None:
    view = PhotoFactsView()
    qtbot.addWidget(view)
    photo = replace(make_photo_record(1), raw_files=("/photos/photo 1.CR3",))
    view.show_query(Query.of_photos(photo))
    assert view.value("raw") == "photo 1.CR3"
    view.show_query(Query.of_photos(make_photo_record(2)))
    assert view.value("raw") == ""
    assert not view.rows["raw"][0].isVisibleTo(view)


def test_a_badge_tells_raw_files_pairs_and_copies(qtbot: QtBot) -> None:
    photo = make_photo_record(1)
    assert formatting.photo_badge(photo) == ""
    assert formatting.photo_badge(replace(photo, facts=replace(photo.facts, format="NEF"))) == "RAW"
    assert formatting.photo_badge(replace(photo, raw_files=("/photos/photo 1.NEF",))) == "JPEG + RAW"
    assert formatting.photo_badge(replace(photo, copies=3)) == "×3"
    assert (
        formatting.photo_badge(replace(photo, copies=2, raw_files=("/photos/photo 1.NEF",)))
        == "JPEG + RAW  ×2"
    )
