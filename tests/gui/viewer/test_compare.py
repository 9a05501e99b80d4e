"""Two to four photos beside each other, and two with a wipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QTextDocument
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.main_window import MainWindow
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.state.places import Query
from photosim.gui.viewer.compare import CompareView
from photosim.gui.viewer.compare_facts import ComparedFact, compare_facts, markup, plain_text
from photosim.records import Photo, PhotoFacts
from tests.support.images import make_scene
from tests.support.window_driver import select_photo, wait_until_idle

Open = Callable[[list[Photo]], CompareView]


def saved(folder: Path, number: int, image: Image.Image, **facts: object) -> Photo:
    path = folder / f"{number}.png"
    image.save(path)
    known = replace(PhotoFacts(*image.size, "PNG"), **facts)  # type: ignore[arg-type]
    return Photo(number, number, str(path), path.stat().st_size, 0, known)


@pytest.fixture
def photos(tmp_path: Path) -> list[Photo]:
    """A scene, its smaller copy, the same blurred, and another scene."""
    scene = make_scene(1, (900, 600))
    pictures = scene, scene.resize((450, 300)), scene.filter(ImageFilter.GaussianBlur(4))
    return [
        *(saved(tmp_path, number, image) for number, image in enumerate(pictures, 1)),
        saved(tmp_path, 4, make_scene(2, (900, 600)), camera="Canon EOS R6"),
    ]


@pytest.fixture
def open_view(qtbot: QtBot, jobs: Jobs, photo_client: PhotoClient) -> Open:
    from PySide6.QtWidgets import QWidget

    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1000, 700)
    window.show()
    view = CompareView(jobs, photo_client, lambda _: None, window)

    def show(photos: list[Photo]) -> CompareView:
        view.open(photos)
        qtbot.waitUntil(lambda: not jobs.is_busy and not photo_client.is_busy)
        return view

    return show


def test_zooming_one_zooms_all_to_the_same_part_whatever_their_sizes(
    open_view: Open, photos: list[Photo]
) -> None:
    view = open_view(photos)
    first, second = (pane.canvas for pane in view.panes[:2])
    first.zoom_by(6, QPointF(20, 30))
    assert second.zoom == pytest.approx(2 * first.zoom), "half the pixels, each twice as large"
    assert second.target_rect.width() == pytest.approx(first.target_rect.width(), abs=0.01)
    assert second.target_rect.x() == pytest.approx(first.target_rect.x(), abs=0.01)
    view.panes[1].canvas.pan(0.1, 0.1)
    assert first.target_rect.x() == pytest.approx(second.target_rect.x(), abs=0.01)
    assert first.target_rect.y() == pytest.approx(second.target_rect.y(), abs=0.01)


def test_unlinked_photos_move_alone_and_come_together_again(
    qtbot: QtBot, open_view: Open, photos: list[Photo]
) -> None:
    view = open_view(photos[:3])
    others = [pane.canvas.view_transform for pane in view.panes[1:]]
    qtbot.keyClick(view, Qt.Key.Key_L)
    assert not view.is_linked
    view.panes[0].canvas.zoom_by(5)
    assert [pane.canvas.view_transform for pane in view.panes[1:]] == others
    qtbot.keyClick(view, Qt.Key.Key_L)
    transforms = [pane.canvas.view_transform for pane in view.panes]
    assert [transform.extent for transform in transforms] == pytest.approx([transforms[0].extent] * 3)


def test_all_are_fitted_again_with_one_key(qtbot: QtBot, open_view: Open, photos: list[Photo]) -> None:
    view = open_view(photos)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert not any(pane.canvas.view_transform.fitted for pane in view.panes)
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert all(pane.canvas.view_transform.fitted for pane in view.panes)


def test_the_wipe_shows_one_photo_at_each_side_of_the_divider(
    qtbot: QtBot, open_view: Open, tmp_path: Path
) -> None:
    red, blue = (saved(tmp_path, n, Image.new("RGB", (900, 600), c)) for n, c in ((7, "red"), (8, "blue")))
    view = open_view([red, blue])
    qtbot.keyClick(view, Qt.Key.Key_S)
    assert view.is_wiping
    middle = view.wipe.height() // 2 + 60

    def color(part: float) -> QColor:
        return view.wipe.grab().toImage().pixelColor(round(part * view.wipe.width()), middle)

    assert color(0.4) == QColor("red")
    assert color(0.6) == QColor("blue")
    for _ in range(15):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.wipe.position == pytest.approx(0.8)
    assert color(0.6) == QColor("red")
    divider = view.wipe._divider
    qtbot.mousePress(divider, Qt.MouseButton.LeftButton)
    qtbot.mouseMove(divider, divider.mapFrom(view.wipe, QPoint(view.wipe.width() // 4, 50)))
    qtbot.mouseRelease(divider, Qt.MouseButton.LeftButton)
    assert view.wipe.position == pytest.approx(0.25, abs=0.01)
    assert color(0.4) == QColor("blue")


def test_the_wipe_keeps_the_part_that_was_looked_at(
    qtbot: QtBot, open_view: Open, photos: list[Photo]
) -> None:
    view = open_view(photos[:2])
    view.panes[0].canvas.zoom_by(8)
    extent = view.panes[0].canvas.view_transform.extent
    qtbot.keyClick(view, Qt.Key.Key_S)
    assert view.wipe.left.view_transform.extent == pytest.approx(extent)
    assert view.wipe.right.view_transform.extent == pytest.approx(extent)
    view.wipe.right.zoom_by(2)
    assert view.wipe.left.view_transform == view.wipe.right.view_transform
    qtbot.keyClick(view, Qt.Key.Key_S)
    assert view.panes[1].canvas.view_transform.extent > extent


def test_only_two_can_be_wiped(qtbot: QtBot, open_view: Open, photos: list[Photo]) -> None:
    view = open_view(photos[:3])
    qtbot.keyClick(view, Qt.Key.Key_S)
    assert not view.is_wiping
    view.panes[0].remove_button.click()
    assert view.photos == photos[1:3]
    qtbot.keyClick(view, Qt.Key.Key_S)
    assert view.is_wiping
    shown = [canvas._levels[0].size().toTuple() for canvas in (view.wipe.left, view.wipe.right)]
    assert shown == [(450, 300), (900, 600)]


def test_only_facts_that_differ_stand_out(photos: list[Photo]) -> None:
    told = compare_facts([photos[0], photos[1]], {})
    facts = {fact.text: fact.differs for line in told[0] for fact in line}
    assert facts["900 × 600"]
    assert not facts["PNG"]
    assert "PNG (differs)" not in plain_text(told[0])
    assert "900 × 600 (differs)" in plain_text(told[0])


def test_the_name_of_a_camera_is_not_broken_behind_a_hyphen(qtbot: QtBot) -> None:
    document = QTextDocument()
    document.setHtml(markup([[ComparedFact("6 May 2024", False), ComparedFact("FUJIFILM X-T4", False)]]))
    document.setTextWidth(document.idealWidth() - 8)
    block = document.firstBlock()
    lines = [block.layout().lineAt(row) for row in range(block.layout().lineCount())]
    texts = [block.text()[line.textStart() :][: line.textLength()] for line in lines]
    assert len(texts) == 2
    assert texts[1].startswith("FUJIFILM")


def test_seconds_are_told_where_only_these_differ(photos: list[Photo]) -> None:
    def dates(*times: str) -> list[tuple[str, bool]]:
        dated = [
            replace(
                photos[0], facts=replace(photos[0].facts, taken_at=f"2024-05-01T{time}", taken_from="exif")
            )
            for time in times
        ]
        return [(fact.text, fact.differs) for lines in compare_facts(dated, {}) for fact in lines[0]]

    assert dates("12:00:01", "12:00:02") == [("1 May 2024, 12:00:01", True), ("1 May 2024, 12:00:02", True)]
    assert dates("12:00:01", "12:00:01") == [("1 May 2024, 12:00", False)] * 2
    assert dates("12:00:01", "12:01:02") == [("1 May 2024, 12:00", True), ("1 May 2024, 12:01", True)]


def test_pictures_stand_at_one_height_however_much_is_told_of_each(
    qtbot: QtBot, open_view: Open, photos: list[Photo]
) -> None:
    known = replace(
        photos[0].facts, camera="A camera with a long name", taken_at="2024-05-01T12:00:00", iso=3200
    )
    view = open_view([replace(photos[0], facts=known), *photos[1:3]])
    window = view.parentWidget()
    assert window is not None
    for width in (1000, 520):
        window.resize(width, 600)
        qtbot.waitUntil(lambda width=width: view.width() == width)  # type: ignore[misc]
        qtbot.waitUntil(lambda: len({pane.canvas.height() for pane in view.panes}) == 1)


def test_names_with_markup_stay_text(photos: list[Photo]) -> None:
    odd = replace(photos[0], facts=replace(photos[0].facts, camera="<b>loud</b>"))
    assert "<b>" not in markup(compare_facts([odd, photos[1]], {})[0])


def test_the_sharpest_is_told_and_a_small_copy_is_not_taken_for_sharper(
    open_view: Open, photos: list[Photo]
) -> None:
    view = open_view(photos[:3])
    told = [pane.facts.accessibleName() for pane in view.panes]
    assert "sharpest" in told[0]
    assert "% sharpness" in told[1]
    assert "% sharpness" in told[2]


def test_a_photo_that_is_gone_says_so_and_the_others_are_compared(
    open_view: Open, photos: list[Photo]
) -> None:
    Path(photos[1].path).unlink()
    view = open_view(photos[:2])
    assert "unavailable" in view.panes[1].canvas.message
    assert view.panes[0].canvas.message == ""


def test_c_compares_the_selected_photos_and_escape_returns(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    for row in (3, 5, 9, 11):
        grid = window.views.browser.grid
        grid.selectionModel().select(grid.model().index(row, 0), grid.selectionModel().SelectionFlag.Select)
    chosen = window.views.browser.selected_photos()
    wait_until_idle(qtbot, window)
    window.views.actions.compare.trigger()
    wait_until_idle(qtbot, window)
    view = window.views.compare
    assert view.isVisible()
    assert view.photos == chosen[:4]
    # To look through the window for what may have the keyboard next takes long, and it is known.
    monkeypatch.setattr("photosim.gui.base.focus.focus_next_control", pytest.fail)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()
    assert window.views.browser.grid.hasFocus()
    qtbot.waitUntil(view._paint_mask.isHidden)


def test_a_similar_photo_is_compared_with_the_photo_in_question(qtbot: QtBot, window: MainWindow) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 2.jpg")
    other = window.views.detail.similar.model.photos[0]
    window.controllers.menus.show_photo_menu([Query.of_photos(other)], QPoint())
    menu = window.controllers.menus.menu
    assert menu is not None
    [compare] = [action for action in menu.actions() if action.text().startswith("&Compare")]
    assert photo.path.endswith("scene 2 take 2.jpg") and "scene 2 take 2.jpg" in compare.text()
    compare.trigger()
    wait_until_idle(qtbot, window)
    assert window.views.compare.photos == [photo, other]
    window.views.actions.compare.trigger()
    assert not window.views.compare.isVisible()


def test_c_on_a_match_in_the_panel_compares_it_with_the_photo_in_question(
    qtbot: QtBot, window: MainWindow
) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 1.jpg")
    grid = window.views.detail.similar.grid
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    wait_until_idle(qtbot, window)
    window.views.actions.compare.trigger()
    wait_until_idle(qtbot, window)
    match = window.views.detail.similar.model.photo(0)
    assert [compared.path for compared in window.views.compare.photos] == [photo.path, match.path]


def test_one_photo_alone_or_five_cannot_be_compared(qtbot: QtBot, window: MainWindow) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 2.jpg")
    for count in (1, 5):
        selected = [photo, *window.views.browser.photo_model.photos[:4]][:count]
        window.controllers.menus.show_photo_menu([Query.of_photos(photo) for photo in selected], QPoint())
        menu = window.controllers.menus.menu
        assert menu is not None
        offered = [action.isEnabled() for action in menu.actions() if "Compare" in action.text()]
        assert True not in offered
    window.views.actions.compare.trigger()
    assert not window.views.compare.isVisible()


def test_a_photo_of_the_comparison_is_shown_in_its_folder(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(window.controllers.library, "show_in_folder", calls.append)
    photos = list(window.views.browser.photo_model.photos[:2])
    window.views.compare.open(photos)
    wait_until_idle(qtbot, window)
    window.views.compare.panes[1].folder_button.click()
    assert calls == [photos[1].path]
    window.views.compare.remove_photo(photos[0])
    assert not window.views.compare.isVisible(), "one photo is no comparison"
