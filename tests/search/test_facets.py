"""Narrowing many photos at once says of each what the plain check says."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.search.facets import FacetCounts, FilterTable
from photosim.search.photo_filter import (
    NO_DATE,
    Facet,
    FilterRow,
    Flag,
    Orientation,
    PhotoFilter,
    Size,
    month_of,
    orientation_of,
    searchable_text,
    size_of,
)

SOURCES = ("/home/Ana/Photos", "/mnt/old drive", "/")
LABELS = ("dog", "frisbee", "cat")

_paths = st.builds(
    lambda parts, name: "/".join(["", *parts, name]),
    st.lists(st.text("aÉ é1_ß.", min_size=1, max_size=3), max_size=2),
    st.text("aÉ é1_ß.\udc80", min_size=1, max_size=6),
)
_dates = st.one_of(
    st.none(), st.just("0000-00-00"), st.dates().map(lambda day: f"{day.isoformat()}T10:00:00")
)
_sides = st.sampled_from([1, 100, 1000, 1999, 2000, 2001, 4000, 6000, 9000])


@st.composite
def libraries(draw: st.DrawFn) -> tuple[list[FilterRow], list[frozenset[str]]]:
    """Entries with ids of their own, and the labels of each."""
    file_ids = draw(st.lists(st.integers(1, 60), unique=True, max_size=12))
    entries = []
    for file_id in file_ids:
        source = draw(st.sampled_from(SOURCES))
        entries.append(
            FilterRow(
                *(file_id, source.rstrip("/") + draw(_paths), source, draw(_sides), draw(_sides)),
                *(draw(st.sampled_from(["JPEG", "ARW", "HEIC"])), draw(_dates)),
                *(draw(st.sampled_from([None, "Canon", "Nikon"])), draw(st.booleans()), draw(st.booleans())),
                draw(st.booleans()),
            )
        )
    return entries, [draw(st.frozensets(st.sampled_from(LABELS))) for _ in entries]


_filters = st.builds(
    PhotoFilter,
    text=st.text("aEé1_sß./ P", max_size=5),
    dates=st.one_of(
        st.none(), st.tuples(st.integers(0, 120_000), st.integers(0, 120_000)).map(lambda p: (min(p), max(p)))
    ),
    days=st.one_of(
        st.none(),
        st.tuples(st.integers(0, 99_991_231), st.integers(0, 99_991_231)).map(lambda p: (min(p), max(p))),
    ),
    undated=st.booleans(),
    cameras=st.frozensets(st.sampled_from(["", "Canon", "Leica"]), max_size=2),
    formats=st.frozensets(st.sampled_from(["JPEG", "ARW"]), max_size=2),
    orientations=st.frozensets(st.sampled_from(list(Orientation)), max_size=2),
    sizes=st.frozensets(st.sampled_from(list(Size)), max_size=2),
    labels=st.frozensets(st.sampled_from([*LABELS, "unicorn"]), max_size=2),
    flags=st.frozensets(st.sampled_from(list(Flag)), max_size=2),
)


def columns_of(entries: list[FilterRow], labels: list[frozenset[str]]) -> FilterTable:
    pairs = [
        (entry.file_id, LABELS.index(label))
        for entry, own in zip(entries, labels, strict=True)
        for label in own
    ]
    pairs.append((999, 0))  # of a file that has gone meanwhile
    listed = np.array(pairs, np.int64).reshape(-1, 2)
    return FilterTable.from_rows(entries, (listed[:, 0], listed[:, 1], LABELS))


def plainly(
    entries: list[FilterRow], labels: list[frozenset[str]], wanted: PhotoFilter, away: set[str]
) -> list[tuple[FilterRow, frozenset[str]]]:
    pairs = zip(entries, labels, strict=True)
    return [(entry, own) for entry, own in pairs if wanted.keeps(entry, own, away)]


@settings(max_examples=300)
@given(libraries(), _filters, st.sets(st.sampled_from(SOURCES)))
def test_all_at_once_is_as_one_by_one(
    library: tuple[list[FilterRow], list[frozenset[str]]], wanted: PhotoFilter, away: set[str]
) -> None:
    entries, labels = library
    columns = columns_of(entries, labels)
    kept = set(columns.file_ids[columns.matches(wanted, away)].tolist())
    assert kept == {entry.file_id for entry, _ in plainly(entries, labels, wanted, away)}


@settings(max_examples=200)
@given(libraries(), _filters, st.sets(st.sampled_from(SOURCES)), st.sampled_from([None, *SOURCES]))
def test_a_count_is_what_choosing_it_would_show(
    library: tuple[list[FilterRow], list[frozenset[str]]],
    wanted: PhotoFilter,
    away: set[str],
    source: str | None,
) -> None:
    entries, labels = library
    columns = columns_of(entries, labels)
    facets = columns.count_facets(wanted, away, None if source is None else columns.in_source(source))
    inside = [place for place, one in enumerate(entries) if source in (None, one.source)]
    entries, labels = [entries[place] for place in inside], [labels[place] for place in inside]

    def left(facet: Facet) -> list[tuple[FilterRow, frozenset[str]]]:
        return plainly(entries, labels, wanted.without(facet), away)

    assert (facets.total, facets.matching) == (len(entries), len(plainly(entries, labels, wanted, away)))
    dates = Counter(entry.month for entry, _ in left(Facet.DATES))
    assert facets.undated == dates.pop(NO_DATE, 0)
    assert dict(facets.months) == dates
    assert list(facets.months) == sorted(facets.months)
    assert counted(facets, Facet.CAMERAS) == Counter(one.camera for one, _ in left(Facet.CAMERAS))
    assert counted(facets, Facet.FORMATS) == Counter(one.format for one, _ in left(Facet.FORMATS))
    assert counted(facets, Facet.ORIENTATIONS) == Counter(
        one.orientation for one, _ in left(Facet.ORIENTATIONS)
    )
    assert counted(facets, Facet.SIZES) == Counter(one.size for one, _ in left(Facet.SIZES))
    states = Counter(state for one, _ in left(Facet.FLAGS) for state in one.flags(away))
    assert counted(facets, Facet.FLAGS) == states
    borne = Counter(label for _, own in plainly(entries, labels, wanted, away) for label in own)
    assert counted(facets, Facet.LABELS) == borne, "one label more narrows further"


def counted(facets: FacetCounts, facet: Facet) -> dict[str, int]:
    return {choice.value: choice.count for choice in facets.values[facet]}


def made(path: str, source: str = "/home/Ana/Photos") -> FilterRow:
    return FilterRow(1, path, source, 4000, 3000, "JPEG", None, None, False, False, False)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("beach", True),
        ("BEACH img", True),
        ("zurich", True),
        ("2019/bea", True),
        ("photos", True),
        ("beach dog", False),
        ("home", False),
        ("ana", False),
        ("   ", True),
    ],
)
def test_words_are_looked_for_in_the_name_and_in_the_folders_from_the_source_on(
    text: str, fits: bool
) -> None:
    entry = made("/home/Ana/Photos/Zürich 2019/Beach IMG_12.jpg")
    assert PhotoFilter(text=text).keeps(entry) is fits
    assert FilterTable.from_rows([entry]).matches(PhotoFilter(text=text)).tolist() == [fits]


def test_a_character_is_found_however_it_is_written() -> None:
    composed, apart = "Zu\u0308rich.jpg", "Z\u00fcrich.jpg"
    for name in (composed, apart):
        for text in ("Zu\u0308rich", "Z\u00fcrich", "zurich"):
            assert PhotoFilter(text=text).keeps(made(f"/home/Ana/Photos/{name}"))


def test_a_filter_leaves_nothing_out_when_all_facets_are_cleared() -> None:
    wanted = PhotoFilter("beach", (1, 2), True, *[frozenset({"x"})] * 6)
    assert wanted.active_facets == tuple(Facet)
    for facet in Facet:
        wanted = wanted.without(facet)
        assert facet not in wanted.active_facets
    assert wanted == PhotoFilter()


def test_a_choice_comes_and_goes() -> None:
    wanted = PhotoFilter().with_value(Facet.CAMERAS, "Canon").with_value(Facet.CAMERAS, "Nikon")
    assert wanted.cameras == {"Canon", "Nikon"}
    assert wanted.with_value(Facet.CAMERAS, "Canon", False).values(Facet.CAMERAS) == {"Nikon"}


def test_an_unreadable_file_fits_words_and_being_offline_and_nothing_else() -> None:
    path, source = "/mnt/old drive/beach.jpg", "/mnt/old drive"
    assert PhotoFilter().matches_unreadable(path, source)
    assert PhotoFilter(text="old beach").matches_unreadable(path, source)
    assert not PhotoFilter(text="dog").matches_unreadable(path, source)
    assert not PhotoFilter(cameras=frozenset({"Canon"})).matches_unreadable(path, source)
    offline = PhotoFilter(flags=frozenset({Flag.OFFLINE, Flag.RAW}))
    assert offline.matches_unreadable(path, source, {source})
    assert not offline.matches_unreadable(path, source)


@pytest.mark.parametrize(
    ("taken_at", "month"),
    [("2024-07-01T18:03:11", 2024 * 12 + 6), ("2024-13-01", NO_DATE), ("nonsense", NO_DATE), (None, NO_DATE)],
)
def test_what_is_no_date_has_no_month(taken_at: str | None, month: int) -> None:
    assert month_of(taken_at) == month


def test_sides_that_nearly_agree_are_a_square() -> None:
    assert orientation_of(1000, 990) is Orientation.SQUARE
    assert orientation_of(1000, 970) is Orientation.LANDSCAPE
    assert orientation_of(970, 1000) is Orientation.PORTRAIT


def test_a_size_begins_at_its_lower_bound() -> None:
    assert size_of(1000, 1999) is Size.TINY
    assert size_of(1000, 2000) is Size.SMALL
    assert size_of(8000, 4000) is Size.HUGE


def test_the_source_at_the_root_has_no_name() -> None:
    assert searchable_text("/Beach.jpg", "/") == "/beach.jpg"


def test_words_are_found_again_after_many_others() -> None:
    entries = [made(f"/home/Ana/Photos/{number}.jpg")._replace(file_id=number) for number in range(30)]
    columns = FilterTable.from_rows(entries)
    for _ in range(2):
        for number in range(30):
            kept = columns.file_ids[columns.matches(PhotoFilter(text=f"{number}.jpg"))].tolist()
            assert kept == [one for one in range(30) if f"{one}".endswith(f"{number}")]


def test_days_are_chosen_to_the_day_and_beside_photos_without_a_date() -> None:
    entries = [
        made(f"/home/Ana/Photos/{number}.jpg")._replace(file_id=number, taken_at=taken_at)
        for number, taken_at in enumerate(
            (
                "2024-06-30T23:59:59",
                "2024-07-01T00:00:00",
                "2024-07-09",
                "2024-08-01T10:00:00",
                None,
                "2024-07",
            )
        )
    ]
    columns = FilterTable.from_rows(entries)
    first, last = 20240701, 20240731
    for wanted, fits in (
        (PhotoFilter(days=(first, last)), [1, 2]),
        (PhotoFilter(days=(first, first)), [1]),
        (PhotoFilter(days=(first, last), undated=True), [1, 2, 4]),
        (PhotoFilter(days=(20240600, 20240630)), [0]),
    ):
        assert [one.file_id for one in entries if wanted.keeps(one)] == fits
        assert columns.file_ids[columns.matches(wanted)].tolist() == fits
        assert wanted.without(Facet.DATES) == PhotoFilter()
    assert columns.count_facets(PhotoFilter()).day_range == (20240630, 20240801)
    assert FilterTable.from_rows([]).count_facets(PhotoFilter()).day_range is None
