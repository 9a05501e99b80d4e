"""Names of the clusters of a library."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photosim.library.clusters.names import ClusterNames, FileValues
from photosim.store.rows import FileOrigins

KYOTO, ROME = tuple(range(1, 7)), tuple(range(7, 13))
OTHERS = tuple(range(13, 60))


def origins(folder_of_others: str = "/photos/Inbox", *, month_of_kyoto: str = "2024-04") -> FileOrigins:
    rows = [
        *((file_id, f"/photos/2024/Kyoto/{file_id}.jpg", month_of_kyoto) for file_id in KYOTO),
        *((file_id, f"/photos/rome/{file_id}.jpg", None) for file_id in ROME),
        *((file_id, f"{folder_of_others}/{file_id}.jpg", f"20{file_id:02}-01") for file_id in OTHERS),
    ]
    files, paths, dates = zip(*rows, strict=True)
    months = tuple(dict.fromkeys(date for date in dates if date))
    month_of = [months.index(date) if date else -1 for date in dates]
    parents = [path.rpartition("/")[0] for path in paths]
    folders = tuple(dict.fromkeys(parents))
    folder_of = np.array([folders.index(parent) for parent in parents])
    return FileOrigins(np.array(files), folder_of, folders, np.array(month_of), months, np.array(month_of))


def labels(*of: Sequence[int]) -> FileValues:
    """Return the labels of all files: each group has one of its own, the others have none."""
    files = np.arange(1, 60)
    values = np.full(59, -1)
    for number, group in enumerate(of):
        values[np.array(group) - 1] = number
    return FileValues(files, values, ("dog", "car")[: len(of)])


def test_a_cluster_is_named_by_its_label_else_by_its_folder_and_month() -> None:
    names = ClusterNames(lambda: labels(ROME), origins)
    assert names.names_of([KYOTO, ROME, OTHERS[:5]], [None] * 3) == ["Kyoto, April 2024", "Dog", None]


def test_without_labels_folder_and_month_are_left() -> None:
    names = ClusterNames(lambda: None, origins)
    assert names.names_of([KYOTO, ROME], [None, None]) == ["Kyoto, April 2024", "Rome"]


def test_clusters_with_the_same_label_are_told_apart_or_have_none() -> None:
    names = ClusterNames(lambda: labels((*KYOTO, *ROME)), origins)
    clusters = [KYOTO[:3], KYOTO[3:], ROME[:3], ROME[3:]]
    found = names.names_of(clusters, [None] * 4)
    assert found == ["Dog", "Dog, Kyoto", "Dog, rome", "Rome"]


def test_a_name_of_the_user_is_given_to_no_other_cluster() -> None:
    names = ClusterNames(lambda: labels(KYOTO), origins)
    assert names.names_of([KYOTO, ROME], [None, "dog"]) == ["Dog, Kyoto", None]


def test_the_library_is_read_once() -> None:
    reads: list[str] = []

    def read_origins() -> FileOrigins:
        reads.append("origins")
        return origins()

    names = ClusterNames(lambda: None, read_origins)
    first = names.names_of([KYOTO], [None])
    assert names.names_of([KYOTO], [None]) == first
    names.names_of([ROME, KYOTO], [None, None])
    assert reads == ["origins"]


def test_a_small_cluster_has_the_same_name_however_many_are_named_with_it() -> None:
    clusters = [KYOTO, ROME, OTHERS[:7], OTHERS[7:]]
    all_labels = labels(ROME, OTHERS[:7])
    at_once = ClusterNames(lambda: all_labels, origins).names_of(clusters, [None] * 4)
    one_by_one = ClusterNames(lambda: all_labels, origins)
    assert [one_by_one.names_of([cluster], [None])[0] for cluster in clusters] == at_once
    assert at_once == ["Kyoto, April 2024", "Dog", "Car", "Inbox"]


def test_a_folder_whose_name_is_no_text_can_be_shown() -> None:
    names = ClusterNames(lambda: None, lambda: origins("/photos/caf\udce9"))
    [name] = names.names_of([OTHERS[:9]], [None])
    assert name == "Caf?"


def test_a_damaged_date_names_nothing() -> None:
    names = ClusterNames(lambda: None, lambda: origins(month_of_kyoto="2024-00"))
    assert names.names_of([KYOTO], [None]) == ["Kyoto"]
