"""The facts of a photo as titled texts."""

from __future__ import annotations

from dataclasses import replace

from photosim.gui.state.photo_facts import Fact, fact_title, photo_facts
from photosim.records import PhotoFacts
from tests.support.photo_records import make_photo_record


def test_every_fact_has_a_title(qapp: object) -> None:
    assert all(fact_title(fact) for fact in Fact)


def test_unknown_facts_are_empty(qapp: object) -> None:
    facts = photo_facts(replace(make_photo_record(1), facts=PhotoFacts(40, 30, "PNG")))
    unknown = (Fact.TAKEN, Fact.CAMERA, Fact.LENS, Fact.EXPOSURE, Fact.LOCATION, Fact.RAW_FILE)
    assert not any(facts[fact] for fact in unknown)
    assert (facts[Fact.DIMENSIONS], facts[Fact.FORMAT]) == ("40 × 30", "PNG")


def test_a_location_needs_both_coordinates(qapp: object) -> None:
    photo = make_photo_record(1)
    assert not photo_facts(replace(photo, facts=PhotoFacts(4, 3, "PNG", latitude=48.2)))[Fact.LOCATION]
    located = replace(photo, facts=PhotoFacts(4, 3, "PNG", latitude=48.2, longitude=0.0))
    assert photo_facts(located)[Fact.LOCATION]


def test_a_date_that_is_not_from_the_metadata_says_so(qapp: object) -> None:
    dated = PhotoFacts(4, 3, "PNG", "2024-07-01T18:03:11")
    texts = [
        photo_facts(replace(make_photo_record(1), facts=replace(dated, taken_from=source)))[Fact.TAKEN]
        for source in (None, "exif", "xmp", "name", "file")
    ]
    assert texts[0] == texts[1] == texts[2]
    assert texts[3] == f"{texts[0]} (from file name)"
    assert texts[4] == f"{texts[0]} (from file date)"


def test_a_name_with_the_day_alone_gives_a_date_without_a_time(qapp: object) -> None:
    dated = PhotoFacts(4, 3, "JPEG", "2024-07-01T00:00:00")
    by_name, by_metadata = (
        photo_facts(replace(make_photo_record(1), facts=replace(dated, taken_from=source)))[Fact.TAKEN]
        for source in ("name", "exif")
    )
    assert by_name == "1 July 2024 (from file name)"
    assert by_metadata.startswith("1 July 2024, ")
