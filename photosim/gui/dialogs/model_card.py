"""One model on the settings' page of models: what it is, how far it is, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.services.model_actions import Download
from photosim.gui.widgets.status_strip import DeferredProgressBar
from photosim.records import ModelState

_STEPS, _BAR_HEIGHT = 1000, 6
_HEADER_HEIGHT = 28  # logical pixels: a head with buttons is no higher than one without


class ModelCard(QFrame):
    """Shows what it is told; the buttons tell what the person wants."""

    download_requested = Signal(ModelState)
    cancel_requested = Signal()
    use_requested = Signal(ModelState)
    remove_requested = Signal(ModelState)
    delete_analysis_requested = Signal(ModelState)

    def __init__(self, state: ModelState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.state = state
        self.title = QLabel(self)
        theme.set_font(self.title, bold=True)
        self.badge = QLabel(self)
        self.badge.setObjectName("badge")
        theme.set_font(self.badge, 0.88, bold=True)
        self.facts, self.status, self.error = QLabel(self), QLabel(self), QLabel(self)
        self.facts.setObjectName("quiet-text")
        self.error.setObjectName("error-text")
        for label in (self.title, self.badge, self.facts, self.status, self.error):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.status, self.error):
            label.setWordWrap(True)
        self.error.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.bar = DeferredProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(_BAR_HEIGHT)
        self.bar.setAccessibleName(tr("Download of {title}").format(title=state.title))
        self.use_button = self._button(tr("Use"), lambda: self.use_requested.emit(self.state))
        self.download_button = self._button(tr("Download"), lambda: self.download_requested.emit(self.state))
        self.cancel_button = self._button(tr("Cancel"), self.cancel_requested.emit)
        self.delete_analysis_button = self._button(
            tr("Drop what it saw…"), lambda: self.delete_analysis_requested.emit(self.state)
        )
        self.remove_button = self._button(tr("Remove…"), lambda: self.remove_requested.emit(self.state))
        self._build()

    def show_state(
        self, state: ModelState, *, error: str | None, busy: bool, download: Download | None
    ) -> None:
        """Show a model; `busy`: something is being done about it or another one."""
        self.state = state
        self.title.setText(state.title)
        self.badge.setText(tr("In use") if state.in_use else tr("Taking over") if state.is_next else "")
        self.badge.setVisible(state.in_use or state.is_next)
        self.facts.setText(_facts(state))
        self.status.setText(_status(state))
        self.status.setVisible(bool(self.status.text()))
        self.error.setText(error or "")
        self.error.setVisible(bool(error))
        loading = download is not None and download.model == state.id
        self._update_buttons(state, loading=loading, busy=busy)
        self.bar.setVisible(loading)
        if download is not None and loading:
            self.show_download(download)

    def show_download(self, download: Download) -> None:
        """Show how far the download is."""
        if not download.total:
            self.bar.setRange(0, 0)
            return
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(_STEPS * download.done // download.total)
        if download.done == download.total:
            text = tr("Checking the file…")
        else:
            text = tr("{done} of {total}").format(
                done=formatting.format_size(download.done), total=formatting.format_size(download.total)
            )
        self.status.setText(text)
        self.status.show()

    # --- helpers -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        self.title.setMinimumHeight(_HEADER_HEIGHT)
        head.addWidget(self.title)
        head.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        for button in (
            self.delete_analysis_button,
            self.remove_button,
            self.use_button,
            self.download_button,
            self.cancel_button,
        ):
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 12, 12)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.facts)
        layout.addWidget(self.status)
        layout.addWidget(self.bar)
        layout.addWidget(self.error)

    def _button(self, text: str, wanted: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName("small")
        button.setAutoDefault(False)
        button.clicked.connect(wanted)
        return button

    def _update_buttons(self, state: ModelState, *, loading: bool, busy: bool) -> None:
        free = not (state.in_use or state.is_next)
        offers = {
            self.use_button: state.installed and not state.in_use and not state.is_next,
            self.download_button: not state.installed and state.can_be_downloaded and not loading,
            self.cancel_button: loading,
            self.delete_analysis_button: free and state.embedded > 0,
            self.remove_button: free
            and state.installed
            and not state.is_bundled
            and not state.is_alternative,
        }
        for button, offered in offers.items():
            button.setVisible(offered)
            button.setEnabled(not busy or button is self.cancel_button)
            button.setAccessibleName(f"{button.text().removesuffix('…')}: {state.title}")


def _facts(state: ModelState) -> str:
    if state.is_orphaned:
        return tr("Its file is no longer here; what it saw still is.")
    parts = []
    if state.dimensions is not None:
        parts.append(tr("{n} dimensions").format(n=formatting.format_number(state.dimensions)))
    parts.append(tr("size not known") if state.bytes is None else formatting.format_size(state.bytes))
    parts.append(tr("on this computer") if state.installed else tr("not on this computer yet"))
    if state.is_bundled:
        parts[-1] = tr("in the box")
    return "  ·  ".join(parts)


def _status(state: ModelState) -> str:
    """How far a model is with this library, and what the rest costs."""
    left = max(state.photos - state.embedded, 0)
    cost = None if state.seconds_left is None else formatting.format_duration(state.seconds_left)
    told = {
        "seen": formatting.format_number(state.embedded),
        "photos": formatting.count_photos(state.photos),
        "cost": cost,
    }
    if not state.photos:
        return ""
    if state.is_next:
        text = tr("Has looked at {seen} of {photos}; then it takes over by itself.")
        if cost is not None and left:
            text = tr(
                "Has looked at {seen} of {photos}; then it takes over by itself. The others take {cost}."
            )
    elif state.is_orphaned or (state.in_use and left):
        text = tr("Has looked at {seen} of {photos}.")
    elif not left:
        text = tr("Has looked at all {photos}.")
    elif cost is None:
        text = tr("Would have to look at {left} first.")
    else:
        text = tr("Would have to look at {left} first: {cost}.")
    return text.format(left=formatting.count_photos(left), **told)
