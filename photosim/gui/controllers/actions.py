"""The actions of the window with their texts, shortcuts and icons, and the menu bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from photosim.gui.base import theme
from photosim.gui.base.formatting import show_in_folder_text
from photosim.gui.base.translation import tr

_Keys = QKeySequence.StandardKey
_NATIVE = QKeySequence.SequenceFormat.NativeText


class Actions:
    """Creates the actions; the controllers connect them."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._icons: list[tuple[QAction, str]] = []
        make = self._make
        self.add_folder = make(tr("&Add folder…"), "Ctrl+O", "add-folder")
        self.search_image = make(tr("&Search by image…"), "Ctrl+Shift+O", "search-image")
        # Ctrl+A is the key of each list, so that it selects in the one that has the focus.
        self.select_all = make(tr("Select &all") + "\t" + QKeySequence("Ctrl+A").toString(_NATIVE), ())
        self.find = make(tr("&Find"), _Keys.Find)
        self.filter = make(tr("&Filters"), "Ctrl+Shift+F", "filter", checkable=True)
        self.paste = make(tr("&Paste and search"), _Keys.Paste)
        self.rescan = make(tr("&Rescan all folders"), "F5")
        self.settings = make(tr("&Settings…"), (_Keys.Preferences, "Ctrl+,"))
        self.quit = make(tr("&Quit"), "Ctrl+Q")
        self.undo = make(tr("&Undo"), _Keys.Undo)
        self.redo = make(tr("&Redo"), (_Keys.Redo, "Ctrl+Y"))
        self.back = make(tr("&Back"), (_Keys.Back, "Alt+Left"), "back")
        self.forward = make(tr("&Forward"), (_Keys.Forward, "Alt+Right"), "forward")
        self.larger = make(tr("&Larger thumbnails"), (_Keys.ZoomIn, "Ctrl+="))
        self.smaller = make(tr("S&maller thumbnails"), _Keys.ZoomOut)
        self.square = make(tr("S&quare thumbnails"), "Ctrl+T", "square", checkable=True)
        self.panel = make(tr("&Details and similar photos"), "F9", "show-panel", checkable=True)
        self.full_screen = make(tr("F&ull screen"), "F11", checkable=True)
        self.view = make(tr("&View"), ())
        self.find_similar = make(tr("&Find similar"), "Ctrl+L", "similar")
        self.less_similar = make(tr("L&ess similar photos"), "Ctrl+Shift+L", checkable=True)
        self.more_like_this = make(tr("&More like this") + "\t+", ())
        self.less_like_this = make(tr("&Less like this") + "\t−", ())
        self.compare = make(tr("&Compare"), "C")
        self.why = make(tr("&Why similar?"), "W")
        self.find_original = make(tr("Find the ori&ginal"), "Ctrl+Shift+R")
        self.then_and_now = make(tr("Then and &now"), "T")
        self.walk = make(tr("Wa&lk between them"), "Shift+W")
        self.open = make(tr("&Open with default app"), "Ctrl+Return")
        self.show_in_folder = make(show_in_folder_text(), "Ctrl+R")
        self.copy_files = make(tr("&Copy"), _Keys.Copy)
        self.copy_path = make(tr("Copy &path"), "Ctrl+Shift+C")
        self.copy_to = make(tr("Copy &to folder…"), "Ctrl+Shift+K")
        self.move_to = make(tr("&Move to folder…"), "Ctrl+Shift+X")
        self.trash = make(tr("Move to t&rash"), ("Del", "Ctrl+Backspace"))
        self.features = make(tr("&What you can do"), "F1", "info")
        self.shortcuts = make(tr("&Keyboard shortcuts"), "?")
        self.about = make(tr("&About PhotoSim"), ())
        self._make_selection_actions()
        self._make_duplicate_actions()
        self._make_cluster_actions()
        self._make_collection_actions()
        self._set_properties()
        self.update_icons()

    @property
    def photo_actions(self) -> tuple[QAction, ...]:
        """The actions that need a photo or an image file."""
        return (
            self.view,
            self.find_similar,
            self.compare,
            self.why,
            self.find_original,
            self.then_and_now,
            self.walk,
            self.open,
            self.show_in_folder,
            self.copy_files,
            self.copy_path,
        )

    @property
    def cluster_actions(self) -> tuple[QAction, ...]:
        """The actions that need a cluster."""
        return (self.rename_cluster, self.merge_clusters, self.hide_clusters, self.reset_clusters)

    @property
    def event_actions(self) -> tuple[QAction, ...]:
        """The actions that need an event."""
        return (self.keep_event, self.copy_event, self.pick_photos)

    def fill_menu_bar(self, order_actions: Sequence[QAction], group_by_actions: Sequence[QAction]) -> None:
        """Build the menu bar, with the given actions to sort and to group photos."""
        bar = self._window.menuBar()
        library = bar.addMenu(tr("&Library"))
        library.addActions([self.add_folder, self.search_image, self.paste, self.rescan])
        library.addSeparator()
        library.addActions([self.compare_folder, self.compare_folders])
        library.addMenu(self.recent_comparisons)
        library.addSeparator()
        library.addAction(self.settings)
        library.addSeparator()
        library.addAction(self.quit)
        edit = bar.addMenu(tr("&Edit"))
        edit.addActions([self.undo, self.redo])
        edit.addSeparator()
        edit.addActions([self.select_all, self.find])
        photo = bar.addMenu(tr("&Photo"))
        photo.addActions(self.photo_actions)
        photo.insertSeparator(self.open)
        photo.addSeparator()
        photo.addActions([self.copy_to, self.move_to, self.trash])
        photo.addSeparator()
        photo.addActions([self.pick_photos, self.contact_sheet])
        cluster = bar.addMenu(tr("&Cluster"))
        cluster.addActions([self.open_cluster, *self.cluster_actions, self.remove_from_cluster])
        cluster.addSeparator()
        cluster.addActions([self.keep_event, self.copy_event])
        cluster.addSeparator()
        cluster.addActions(
            [self.show_clusters, self.show_events, self.show_map, self.show_ungrouped, self.show_hidden]
        )
        collection = bar.addMenu(tr("C&ollection"))
        collection.addActions([self.add_to_collection, self.remove_from_collection])
        collection.addSeparator()
        collection.addActions([self.new_collection, self.keep_search])
        collection.addSeparator()
        collection.addActions([self.rename_collection, self.delete_collection])
        show = bar.addMenu(tr("&View"))
        show.addActions([self.back, self.forward])
        show.addSeparator()
        show.addMenu(self._menu(tr("&Sort by"), show, order_actions))
        show.addMenu(self._menu(tr("&Group by"), show, group_by_actions))
        show.addActions([self.larger, self.smaller, self.square, self.less_similar])
        show.addSeparator()
        show.addActions(
            [self.show_duplicates, self.review_certain, self.keep_rules, self.stack, self.show_stack]
        )
        show.addSeparator()
        show.addActions([self.filter, self.panel, self.full_screen])
        about = bar.addMenu(tr("&Help"))
        about.addActions([self.features, self.shortcuts, self.about])

    def update_icons(self) -> None:
        """Draw the icons in the colors of the current palette."""
        for action, icon in self._icons:
            action.setIcon(theme.icon(icon))

    def _make_selection_actions(self) -> None:
        self.pick_photos = self._make(tr("Pic&k photos…"), "Ctrl+K")
        self.contact_sheet = self._make(tr("Save contact s&heet…"), "Ctrl+P")

    def _make_duplicate_actions(self) -> None:
        make = self._make
        self.stack = make(tr("Stac&k duplicates and bursts"), "Ctrl+Shift+S", checkable=True)
        self.show_stack = make(tr("Show s&tack"), "S")
        self.show_duplicates = make(tr("Show d&uplicates"), "Ctrl+D")
        self.review_certain = make(tr("Review &certain groups…"), ())
        self.keep_rules = make(tr("&Keep rules…"), ())
        self.compare_folder = make(tr("Compare folder with l&ibrary…"), "Ctrl+Shift+D")
        self.compare_folders = make(tr("Compare t&wo folders…"), ())
        self.recent_comparisons = QMenu(tr("Recent compari&sons"), self._window)
        self.recent_comparisons.setEnabled(False)

    def _make_cluster_actions(self) -> None:
        make = self._make
        self.open_cluster = make(tr("&Open cluster"), ())
        self.rename_cluster = make(tr("&Rename…"), "F2")
        self.merge_clusters = make(tr("&Merge"), "Ctrl+M")
        self.remove_from_cluster = make(tr("Remo&ve from cluster"), "Ctrl+Shift+M")
        self.hide_clusters = make(tr("&Hide"), "Ctrl+Shift+H")
        self.reset_clusters = make(tr("R&eset cluster"), ())
        self.show_clusters = make(tr("Show &clusters"), "Ctrl+G")
        self.show_events = make(tr("Show &events"), "Ctrl+E")
        self.keep_event = make(tr("&Keep event as collection…"), ())
        self.copy_event = make(tr("Copy event to &folder…"), ())
        self.show_map = make(tr("Show m&ap"), "Ctrl+Shift+G")
        self.show_ungrouped = make(tr("Show &ungrouped photos"), ())
        self.show_hidden = make(tr("Show hi&dden clusters"), ())

    def _make_collection_actions(self) -> None:
        make = self._make
        self.add_to_collection = make(tr("A&dd to collection"), "B")
        self.remove_from_collection = make(tr("Re&move from collection"), "Shift+B")
        self.new_collection = make(tr("&New collection…"), "Ctrl+B")
        self.keep_search = make(tr("&Keep this search…"), "Ctrl+Shift+B")
        self.rename_collection = make(tr("&Rename collection…"), "F2")
        self.delete_collection = make(tr("De&lete collection"), ())

    def _set_properties(self) -> None:
        self.settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.square.setChecked(True)
        self.panel.setChecked(True)

    def _make(
        self,
        text: str,
        keys: str | _Keys | tuple[str | _Keys, ...],
        icon: str = "",
        *,
        checkable: bool = False,
    ) -> QAction:
        action = QAction(text, self._window)
        action.setCheckable(checkable)
        sequences: list[QKeySequence] = []
        for key in keys if isinstance(keys, tuple) else (keys,):
            bindings = QKeySequence.keyBindings(key) if isinstance(key, _Keys) else [QKeySequence(key)]
            sequences += [sequence for sequence in bindings if sequence not in sequences]
        action.setShortcuts(sequences)
        if icon:
            self._icons.append((action, icon))
            name = text.replace("&", "").removesuffix("…")
            shortcut = sequences[0].toString(_NATIVE) if sequences else ""
            action.setToolTip(f"{name} ({shortcut})" if shortcut else name)
        self._window.addAction(action)
        return action

    @staticmethod
    def _menu(title: str, parent: QMenu, actions: Sequence[QAction]) -> QMenu:
        menu = QMenu(title, parent)
        menu.addActions(list(actions))
        return menu


def connect(handlers: Sequence[tuple[QAction, Callable[[], object]]]) -> None:
    """Connect actions with their handlers, which are called without arguments."""
    for action, handler in handlers:
        action.triggered.connect(lambda _=False, handler=handler: handler())
