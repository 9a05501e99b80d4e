"""Filters, search by words, and collections."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from window import Scene, dialog_of, favourite, select_favourite, settle, type_text

from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place
from photosim.library import Library
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.kept_search import KeptExample, KeptSearch


def _filter(window: MainWindow, library: Library) -> None:
    window.controllers.filters.set_open(True)
    photo_filter = PhotoFilter(text=Path(favourite(library).path).parent.name)
    window.views.filter_bar.show_filter(photo_filter)
    window.views.filter_bar.filter_changed.emit(photo_filter)


def _search(window: MainWindow, library: Library) -> None:
    select_favourite(window, library)
    type_text(window, f"{library.labels.counts()[0].name[:-1]} 2023")


def _no_match(window: MainWindow, library: Library) -> None:
    _search(window, library)
    type_text(window, f"{library.labels.counts()[0].name}s zebra 2023")
    QTest.keyClick(window.views.search_field, Qt.Key.Key_Return)


def _collections(window: MainWindow, library: Library) -> dict[str, Place]:
    """The places of three collections, which are made unless they are there."""
    photo = favourite(library)
    if not library.collections.all():
        near = library.photos_by_id([match.file_id for match in library.similar(photo.file_id, 7)])
        library.collections.create("To print", [each.photo_id for each in (photo, *near)])
        example = library.collections.kept_example(KeptExample(photo.path), photo.photo_id)
        library.collections.keep("Like my favourite", KeptSearch(like=(example,)))
        label = library.labels.counts()[0].name
        library.collections.keep(f"All: {label}", KeptSearch(words=label))
    window.services.library_monitor.refresh()
    settle(window)
    entries = window.services.library_monitor.overview.collections
    return {entry.collection.name: entry.place for entry in entries}


def _collection(window: MainWindow, library: Library) -> None:
    window.services.navigator.go(_collections(window, library)["To print"])
    settle(window)
    window.views.browser.grid.select_row(1)


def _collection_menu(window: MainWindow, library: Library) -> QWidget:
    """The menu of a photo, with the list of collections beside it."""
    _collection(window, library)
    settle(window)
    window.views.actions.add_to_collection.trigger()
    settle(window)
    return window.controllers.collections.add_menu


def _collection_name(window: MainWindow, library: Library) -> QWidget:
    _collection(window, library)
    settle(window)
    window.views.actions.new_collection.trigger()
    dialog = window.controllers.collections.dialog
    assert dialog is not None
    dialog.field.setText("to print")
    return dialog_of(window)


def _kept_search(window: MainWindow, library: Library) -> None:
    window.services.navigator.go(_collections(window, library)["Like my favourite"])
    settle(window)
    _filter(window, library)


SCENES: dict[str, Scene] = {
    "collection": _collection,
    "collection-menu": _collection_menu,
    "collection-name": _collection_name,
    "kept-search": _kept_search,
    "filter": _filter,
    "search": _search,
    "no-match": _no_match,
}
