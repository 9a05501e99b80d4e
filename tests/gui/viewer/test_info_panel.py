"""The info panel of the viewer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import View
from photosim.gui.viewer.info_panel import InfoPanel, open_street_map_url
from photosim.library import Library
from photosim.records import Photo, PhotoFacts
from tests.support.window_driver import select_photo, shown_names, wait_until_idle

VIENNA = 48.2082, 16.3721


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The URLs that were opened in the browser."""
    urls: list[str] = []

    def open_url(url: QUrl) -> bool:
        urls.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return urls


def make_photo(**changes: object) -> Photo:
    facts = PhotoFacts(
        width=6000,
        height=4000,
        format="JPEG",
        taken_at="2024-05-01T12:00:00",
        camera="Canon EOS R6",
        lens="RF 24-105mm",
        latitude=VIENNA[0],
        longitude=VIENNA[1],
        iso=200,
        aperture=4.0,
        exposure=0.004,
        focal_length=35.0,
    )
    photo = Photo(1, 2, "/photos/summer/a.jpg", 5_000_000, 0, facts, raw_files=("/photos/summer/a.cr3",))
    return replace(photo, **changes)  # type: ignore[arg-type]


def test_the_panel_tells_all_that_is_known_and_only_that(qtbot: QtBot) -> None:
    info = InfoPanel()
    qtbot.addWidget(info)
    info.show_photo(make_photo())
    assert info.value("camera") == "Canon EOS R6"
    assert info.value("lens") == "RF 24-105mm"
    assert info.value("exposure") == "1/250 s · f/4 · ISO 200 · 35 mm"
    assert info.value("taken").startswith("1 May 2024")
    assert info.value("folder") == str(Path("/photos/summer"))
    assert info.value("format") == "JPEG"
    assert info.value("dimensions") == "6000 × 4000 (24 MP)"
    assert info.value("raw") == "a.cr3"
    assert info.value("location") == "48.2082° N, 16.3721° E"
    info.show_photo(make_photo(facts=PhotoFacts(400, 300, "PNG"), raw_files=()))
    assert not any(info.value(key) for key in ("camera", "lens", "exposure", "taken", "raw", "location"))
    assert not info.map_url.isValid()


def test_a_place_is_a_plain_link_that_only_a_person_follows(qtbot: QtBot, opened: list[str]) -> None:
    info = InfoPanel()
    qtbot.addWidget(info)
    info.show_photo(make_photo())
    assert opened == []
    qtbot.mouseClick(info.place_link, Qt.MouseButton.LeftButton)
    assert opened == ["https://www.openstreetmap.org/?mlat=48.20820&mlon=16.37210#map=15/48.20820/16.37210"]
    info.show_photo(make_photo(facts=PhotoFacts(400, 300, "PNG")))
    info.open_map()
    assert len(opened) == 1, "a photo without a place opens no map"


def test_places_in_the_south_and_west_have_their_signs(qtbot: QtBot) -> None:
    assert "mlat=-33.86880&mlon=-70.60000" in open_street_map_url(-33.8688, -70.6).toString()
    info = InfoPanel()
    qtbot.addWidget(info)
    info.show_photo(make_photo(facts=PhotoFacts(4, 3, "PNG", latitude=-33.8688, longitude=-70.6)))
    assert info.value("location") == "33.8688° S, 70.6000° W"


def test_i_opens_the_facts_with_labels_copies_and_the_cluster(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 2.jpg")
    window.controllers.photos.view()
    assert not window.views.viewer.is_info_visible
    qtbot.keyClick(window.views.viewer, Qt.Key.Key_I)
    wait_until_idle(qtbot, window)
    info = window.views.viewer.info
    assert info.isVisible()
    assert info.value("name") == "scene 2 take 2.jpg"
    cluster = next(
        (cluster for cluster in library.clusters().clusters if photo.file_id in cluster.file_ids), None
    )
    assert cluster is not None, "photos of one scene are a cluster"
    assert str(cluster.size) in info.value("cluster")
    qtbot.keyClick(window.views.viewer, Qt.Key.Key_Right)
    wait_until_idle(qtbot, window)
    assert window.views.viewer.photo is not None
    assert info.value("name") == Path(window.views.viewer.photo.path).name
    qtbot.keyClick(window.views.viewer, Qt.Key.Key_I)
    assert not info.isVisible()


def test_the_cluster_of_a_photo_is_one_key_away(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    window.controllers.photos.view()
    window.views.viewer.set_info_visible(True)
    wait_until_idle(qtbot, window)
    qtbot.keyClick(window.views.viewer, Qt.Key.Key_G)
    wait_until_idle(qtbot, window)
    assert not window.views.viewer.isVisible()
    assert window.services.navigator.current.view is View.CLUSTER
    assert "scene 2 take 2.jpg" in shown_names(window)


def test_files_of_the_same_content_are_told(
    qtbot: QtBot, open_window: Callable[[Library], MainWindow], library: Library, tmp_path: Path
) -> None:
    photo = library.photos()[0]
    assert [copy.path for copy in library.copies(photo.photo_id)] == [photo.path]
    (tmp_path / "more").mkdir()
    copy = Path(shutil.copy(photo.path, tmp_path / "more" / "the same again.jpg"))
    for _ in library.index([tmp_path / "more"]):
        pass
    window = open_window(library)
    window.views.viewer.set_info_visible(True)
    window.controllers.photos.view_photo(photo)
    wait_until_idle(qtbot, window)
    assert window.views.viewer.info.value("duplicates") == str(copy)


def test_the_panel_comes_back_as_it_was_left(
    qtbot: QtBot, open_window: Callable[[Library], MainWindow], library: Library
) -> None:
    first = open_window(library)
    select_photo(qtbot, first, "scene 2 take 2.jpg")
    first.controllers.photos.view()
    qtbot.keyClick(first.views.viewer, Qt.Key.Key_I)
    first.close()
    assert open_window(library).views.viewer.is_info_visible
