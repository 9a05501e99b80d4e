"""Filtering a table of photos gives what a plain check of each photo gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.files.fspaths import is_inside
from photosim.records import RAW_FORMATS
from photosim.search.filters import row_encoder
from photosim.search.filters.criteria import (
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
from photosim.search.filters.facets import FacetCounts, FilterTable

SOURCES = ("/home/Ana/Photos", "/mnt/old drive", "/")
LABELS = ("dog", "Eskimo dogs", "cat", "hot dog")
KINDS = {"dog": {"dog", "Eskimo dogs"}, "cats": {"cat"}, "frisbee": set[str]()}

_paths = st.builds(
    lambda parts, name: "/".join(["", *parts, name]),
    st.lists(st.text("aÉ é1_ß.", min_size=1, max_size=3), max_size=2),
    st.text("aÉ é1_ß.\udc80", min_size=1, max_size=6),
)
_dates = st.one_of(
    st.none(), st.just("0000-00-00"), st.dates().map(lambda day: f"{day.isoformat()}T10:00:00")
)
_sides = st.sampled_from([1, 100, 1000, 1999, 2000, 2001, 4000, 6000, 9000])


Library = tuple[list[FilterRow], list[frozenset[str]]]


@st.composite
def libraries(draw: st.DrawFn) -> Library:
    """Rows with unique ids, and the labels of each."""
    rows = []
    for file_id in draw(st.lists(st.integers(1, 60), unique=True, max_size=12)):
        source = draw(st.sampled_from(SOURCES))
        rows.append(
            FilterRow(
                file_id=file_id,
                path=source.rstrip("/") + draw(_paths),
                source=source,
                width=draw(_sides),
                height=draw(_sides),
                format=draw(st.sampled_from(["JPEG", "ARW", "HEIC"])),
                taken_at=draw(_dates),
                camera_name=draw(st.sampled_from([None, "Canon", "Nikon"])),
                missing=draw(st.booleans()),
                has_raw=draw(st.booleans()),
                has_copies=draw(st.booleans()),
            )
        )
    return rows, [draw(st.frozensets(st.sampled_from(LABELS))) for _ in rows]


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
    months_of_year=st.frozensets(st.integers(0, 11), max_size=3),
    label_words=st.frozensets(st.sampled_from(list(KINDS)), max_size=1),
    folders=st.frozensets(
        st.sampled_from(["/home/Ana/Photos", "/mnt", "/", "/home/Ana/Photos/a"]), max_size=2
    ),
)


@pytest.fixture(autouse=True, scope="module")
def _few_rows_at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_encoder, "CHUNK_ROWS", 3)
        yield


def table_of(rows: list[FilterRow], labels: list[frozenset[str]]) -> FilterTable:
    pairs = [
        (row.file_id, LABELS.index(label))
        for row, row_labels in zip(rows, labels, strict=True)
        for label in row_labels
    ]
    pairs.append((999, 0))  # of a file that was deleted meanwhile
    array = np.array(pairs, np.int64).reshape(-1, 2)
    scores = np.full(len(array), 0.5, np.float32)
    return FilterTable.from_rows(sorted(rows), (array[:, 0], array[:, 1], LABELS, scores))


def flags_of(row: FilterRow, offline: set[str]) -> set[Flag]:
    flags = {
        Flag.COPIES: row.has_copies,
        Flag.RAW: row.has_raw or row.format in RAW_FORMATS,
        Flag.OFFLINE: row.source in offline,
        Flag.MISSING: row.missing,
    }
    return {flag for flag, is_set in flags.items() if is_set}


def matches(criteria: PhotoFilter, row: FilterRow, labels: frozenset[str], offline: set[str]) -> bool:
    """Whether one photo matches: the reference for the table."""

    def has_one_of(values: frozenset[object], value: object) -> bool:
        return not values or value in values

    def is_within(number: int, span: tuple[int, int] | None) -> bool:
        return span is not None and span[0] <= number <= span[1]

    if Facet.DATES in criteria.active_facets:
        if row.month == NO_DATE:
            if not criteria.undated:
                return False
        else:
            has_range = criteria.dates is not None or criteria.days is not None
            if has_range and not (is_within(row.month, criteria.dates) or is_within(row.day, criteria.days)):
                return False
            if not has_one_of(criteria.months_of_year, row.month % 12):
                return False
            if not has_range and not criteria.months_of_year:
                return False
    return (
        all(word in searchable_text(row.path, row.source) for word in criteria.words)
        and has_one_of(criteria.cameras, row.camera)
        and has_one_of(criteria.formats, row.format)
        and has_one_of(criteria.orientations, row.orientation)
        and has_one_of(criteria.sizes, row.size)
        and criteria.labels <= labels
        and all(labels & KINDS[word] for word in criteria.label_words)
        and (not criteria.folders or any(is_inside(row.path, folder) for folder in criteria.folders))
        and not criteria.clusters
        and (not criteria.flags or bool(criteria.flags & flags_of(row, offline)))
    )


def filter_plainly(library: Library, criteria: PhotoFilter, offline: set[str]) -> list[FilterRow]:
    return [row for row, labels in zip(*library, strict=True) if matches(criteria, row, labels, offline)]


@settings(max_examples=300)
@given(libraries(), _filters, st.sets(st.sampled_from(SOURCES)))
def test_all_at_once_is_as_one_by_one(library: Library, criteria: PhotoFilter, offline: set[str]) -> None:
    table = table_of(*library)
    found = set(table.file_ids[table.matches(criteria, offline)].tolist())
    assert found == {row.file_id for row in filter_plainly(library, criteria, offline)}


@settings(max_examples=200)
@given(libraries(), _filters, st.sets(st.sampled_from(SOURCES)), st.sampled_from([None, *SOURCES]))
def test_a_count_is_what_choosing_it_would_show(
    library: Library, criteria: PhotoFilter, offline: set[str], source: str | None
) -> None:
    table = table_of(*library)
    facets = table.count_facets(criteria, offline, None if source is None else table.in_folders([source]))
    pairs = zip(*library, strict=True)
    in_scope = [pair for pair in pairs if source is None or is_inside(pair[0].path, source)]
    library = [row for row, _ in in_scope], [labels for _, labels in in_scope]

    def matching_others(facet: Facet) -> list[FilterRow]:
        return filter_plainly(library, criteria.without(facet), offline)

    matching = filter_plainly(library, criteria, offline)
    assert (facets.total, facets.matching) == (len(in_scope), len(matching))
    dates = Counter(row.month for row in matching_others(Facet.DATES))
    assert facets.undated == dates.pop(NO_DATE, 0)
    assert dict(facets.months) == dates
    assert list(facets.months) == sorted(facets.months)
    assert counted(facets, Facet.CAMERAS) == Counter(row.camera for row in matching_others(Facet.CAMERAS))
    assert counted(facets, Facet.FORMATS) == Counter(row.format for row in matching_others(Facet.FORMATS))
    assert counted(facets, Facet.ORIENTATIONS) == Counter(
        row.orientation for row in matching_others(Facet.ORIENTATIONS)
    )
    assert counted(facets, Facet.SIZES) == Counter(row.size for row in matching_others(Facet.SIZES))
    assert counted(facets, Facet.FLAGS) == Counter(
        flag for row in matching_others(Facet.FLAGS) for flag in flags_of(row, offline)
    )
    labels_of = {row.file_id: labels for row, labels in in_scope}
    assert counted(facets, Facet.LABELS) == Counter(
        label for row in matching for label in labels_of[row.file_id]
    ), "photos must have all selected labels"


def counted(facets: FacetCounts, facet: Facet) -> dict[str, int]:
    return {item.value: item.count for item in facets.values[facet]}


def make_row(
    path: str, source: str = "/home/Ana/Photos", file_id: int = 1, taken_at: str | None = None
) -> FilterRow:
    return FilterRow(
        file_id=file_id,
        path=path,
        source=source,
        width=4000,
        height=3000,
        format="JPEG",
        taken_at=taken_at,
        camera_name=None,
        missing=False,
        has_raw=False,
        has_copies=False,
    )


def matching_ids(rows: list[FilterRow], criteria: PhotoFilter) -> list[int]:
    table = FilterTable.from_rows(rows)
    ids: list[int] = table.file_ids[table.matches(criteria)].tolist()
    return ids


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
    row = make_row("/home/Ana/Photos/Zürich 2019/Beach IMG_12.jpg")
    assert matching_ids([row], PhotoFilter(text=text)) == ([1] if fits else [])


def test_a_character_is_found_however_it_is_written() -> None:
    decomposed, composed = "Zu\u0308rich", "Z\u00fcrich"
    for name in (decomposed, composed):
        for text in (decomposed, composed, "zurich"):
            assert matching_ids([make_row(f"/home/Ana/Photos/{name}.jpg")], PhotoFilter(text=text)) == [1]


def test_a_filter_leaves_nothing_out_when_all_facets_are_cleared() -> None:
    values = frozenset({"x"})
    criteria = PhotoFilter(
        text="beach",
        dates=(1, 2),
        undated=True,
        cameras=values,
        formats=values,
        orientations=values,
        sizes=values,
        labels=values,
        flags=values,
        months_of_year=frozenset({3}),
        label_words=values,
        clusters=values,
        folders=values,
    )
    assert criteria.active_facets == tuple(Facet)
    for facet in Facet:
        criteria = criteria.without(facet)
        assert facet not in criteria.active_facets
    assert criteria == PhotoFilter()


def test_a_value_can_be_added_and_removed() -> None:
    criteria = PhotoFilter().with_value(Facet.CAMERAS, "Canon").with_value(Facet.CAMERAS, "Nikon")
    assert criteria.cameras == {"Canon", "Nikon"}
    assert criteria.with_value(Facet.CAMERAS, "Canon", False).values(Facet.CAMERAS) == {"Nikon"}


def test_an_unreadable_file_fits_words_and_being_offline_and_nothing_else() -> None:
    path, source = "/mnt/old drive/beach.jpg", "/mnt/old drive"
    assert PhotoFilter().matches_unreadable(path, source)
    assert PhotoFilter(text="old beach").matches_unreadable(path, source)
    assert not PhotoFilter(text="dog").matches_unreadable(path, source)
    assert PhotoFilter(folders=frozenset({source, "/home"})).matches_unreadable(path, source)
    assert not PhotoFilter(folders=frozenset({"/home"})).matches_unreadable(path, source)
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
    rows = [make_row(f"/home/Ana/Photos/{number}.jpg", file_id=number) for number in range(30)]
    table = FilterTable.from_rows(rows)
    for _ in range(2):
        for number in range(30):
            found = table.file_ids[table.matches(PhotoFilter(text=f"{number}.jpg"))].tolist()
            assert found == [other for other in range(30) if str(other).endswith(str(number))]


def test_days_are_chosen_to_the_day_and_beside_photos_without_a_date() -> None:
    dates = (
        "2024-06-30T23:59:59",
        "2024-07-01T00:00:00",
        "2024-07-09",
        "2024-08-01T10:00:00",
        None,
        "2024-07",
    )
    rows = [
        make_row(f"/home/Ana/Photos/{number}.jpg", file_id=number, taken_at=taken_at)
        for number, taken_at in enumerate(dates)
    ]
    first, last = 20240701, 20240731
    for criteria, expected in (
        (PhotoFilter(days=(first, last)), [1, 2]),
        (PhotoFilter(days=(first, first)), [1]),
        (PhotoFilter(days=(first, last), undated=True), [1, 2, 4]),
        (PhotoFilter(days=(20240600, 20240630)), [0]),
    ):
        assert matching_ids(rows, criteria) == expected
        assert criteria.without(Facet.DATES) == PhotoFilter()
    assert FilterTable.from_rows(rows).count_facets(PhotoFilter()).day_range == (20240630, 20240801)
    assert FilterTable.from_rows([]).count_facets(PhotoFilter()).day_range is None
