"""Card of one model on the model page of the settings."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.model_text import describe_model
from photosim.gui.base.translation import tr
from photosim.gui.services.model_actions import Download
from photosim.gui.widgets.status_strip import DeferredProgressBar
from photosim.records import ModelState

_BAR_STEPS = 1000
_BAR_HEIGHT = 6  # logical pixels
_HEADER_HEIGHT = 28  # logical pixels: the same with and without buttons


class ModelCard(QFrame):
    """Shows the state of a model, with buttons for what can be done with it."""

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
        self.about, self.facts = QLabel(self), QLabel(self)
        self.status, self.error = QLabel(self), QLabel(self)
        self.facts.setObjectName("quiet-text")
        self.error.setObjectName("error-text")
        for label in (self.title, self.badge, self.about, self.facts, self.status, self.error):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.about, self.status, self.error):
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
            tr("Delete analysis data…"), lambda: self.delete_analysis_requested.emit(self.state)
        )
        self.remove_button = self._button(tr("Remove…"), lambda: self.remove_requested.emit(self.state))
        self._build()

    def show_state(
        self, state: ModelState, *, error: str | None, busy: bool, download: Download | None
    ) -> None:
        """Show a state; `busy` disables the buttons while an action on any model is running."""
        self.state = state
        self.title.setText(state.title)
        self.badge.setText(tr("In use") if state.in_use else tr("Switching") if state.is_next else "")
        self.badge.setVisible(state.in_use or state.is_next)
        self.about.setText(describe_model(state))
        self.about.setVisible(bool(self.about.text()))
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
        """Show the progress of the download."""
        if not download.total:
            self.bar.setRange(0, 0)
            return
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setValue(_BAR_STEPS * download.done // download.total)
        if download.done == download.total:
            text = tr("Checking file…")
        else:
            text = tr("{done} of {total}").format(
                done=formatting.format_size(download.done), total=formatting.format_size(download.total)
            )
        self.status.setText(text)
        self.status.show()

    def _build(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(8)
        self.title.setMinimumHeight(_HEADER_HEIGHT)
        header.addWidget(self.title)
        header.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignVCenter)
        header.addStretch(1)
        for button in (
            self.delete_analysis_button,
            self.remove_button,
            self.use_button,
            self.download_button,
            self.cancel_button,
        ):
            header.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 12, 12)
        layout.setSpacing(4)
        layout.addLayout(header)
        layout.addWidget(self.about)
        layout.addWidget(self.facts)
        layout.addWidget(self.status)
        layout.addWidget(self.bar)
        layout.addWidget(self.error)

    def _button(self, text: str, callback: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName("small")
        button.setAutoDefault(False)
        button.clicked.connect(callback)
        return button

    def _update_buttons(self, state: ModelState, *, loading: bool, busy: bool) -> None:
        is_unused = not (state.in_use or state.is_next)
        has_own_file = not (state.is_bundled or state.is_alternative)
        visible = {
            self.use_button: is_unused and state.installed,
            self.download_button: not state.installed and state.can_be_downloaded and not loading,
            self.cancel_button: loading,
            self.delete_analysis_button: is_unused and state.embedded > 0,
            self.remove_button: is_unused and state.installed and has_own_file,
        }
        for button, is_visible in visible.items():
            button.setVisible(is_visible)
            button.setEnabled(not busy or button is self.cancel_button)
            button.setAccessibleName(f"{button.text().removesuffix('…')}: {state.title}")


def _facts(state: ModelState) -> str:
    if state.is_orphaned:
        return tr("Model file missing; its analysis is kept.")
    parts = []
    if state.dimensions is not None:
        parts.append(tr("%Ln dimensions", "", state.dimensions))
    parts.append(tr("Unknown size") if state.bytes is None else formatting.format_size(state.bytes))
    if state.is_bundled:
        parts.append(tr("Included"))
    else:
        parts.append(tr("On this computer") if state.installed else tr("Not downloaded"))
    return "  ·  ".join(parts)


def _status(state: ModelState) -> str:
    """Describe how many photos the model has analyzed, and how long the others take."""
    if not state.photos:
        return ""
    left = max(state.photos - state.embedded, 0)
    photos_left = formatting.count_photos(left)
    duration = None if state.seconds_left is None else formatting.format_duration(state.seconds_left)
    analyzed = tr("{done} of {photos} analyzed").format(
        done=formatting.format_number(state.embedded), photos=formatting.count_photos(state.photos)
    )
    if state.is_next:
        if duration is not None and left:
            analyzed = tr("{analyzed}, {duration} left").format(analyzed=analyzed, duration=duration)
        return tr("{analyzed}. PhotoSim switches when all are done.").format(analyzed=analyzed)
    if state.is_orphaned or (state.in_use and left):
        return analyzed
    if not left:
        return tr("All photos analyzed")
    if duration is None:
        return tr("Needs to analyze {photos}").format(photos=photos_left)
    return tr("Needs to analyze {photos} ({duration})").format(photos=photos_left, duration=duration)
