"""Status strip of indexing: its progress, and a summary afterwards."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.services.processes.indexing import IndexState
from photosim.gui.widgets.status_strip import BAR_STEPS, StatusStrip
from photosim.records import Phase, Progress

_SEPARATOR = "  ·  "


class IndexStrip(StatusStrip):
    """Shows the phases of indexing with Pause and Cancel, then its result; hidden until the first indexing.

    The result goes by itself unless it tells of unreadable files, or of a stopped indexing that can be resumed.
    """

    pause_requested = Signal()
    resume_requested = Signal()
    unreadable_requested = Signal()

    phases: tuple[Phase, ...] = (Phase.SCANNING, Phase.ANALYZING, Phase.GROUPING)

    def __init__(self, parent: QWidget | None = None, title: str = "") -> None:
        """`title` names the progress bar for screen readers, by default as that of the indexing."""
        super().__init__(title or tr("Indexing"), parent)
        self._state = IndexState.IDLE
        self._is_stopped = False
        self._phase = Phase.SCANNING
        self._progress = Progress(Phase.SCANNING)
        self.phase_labels = {phase: QLabel(self) for phase in self.phases}
        self.pause_button = self.make_button(tr("Pause"), self._toggle_pause)
        self.unreadable_button = self.make_link(tr("Show details"), self.unreadable_requested.emit)
        self.build((*self.phase_labels.values(), self.text, self.unreadable_button), (self.pause_button,))

    def show_progress(self, progress: Progress) -> None:
        """Show the progress of the running phase."""
        if progress.phase is Phase.DONE:
            return
        self._phase, self._progress = progress.phase, progress
        self._show_controls(running=True)
        paused = self._state is IndexState.PAUSED
        self.text.setText(self._paused_text() if paused else _progress_text(progress))
        if not paused and (progress.phase is Phase.SCANNING or progress.total == 0):
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, BAR_STEPS)
            self.bar.setValue(BAR_STEPS * progress.done // max(progress.total, 1))
        self._update_phase_labels()

    def show_state(self, state: IndexState) -> None:
        """Show whether indexing is running, paused or being cancelled."""
        self._state = state
        paused = state is IndexState.PAUSED
        self._update_pause_button()
        self.cancel_button.setEnabled(state in (IndexState.RUNNING, IndexState.PAUSED))
        if state is IndexState.CANCELLING:
            self.text.setText(tr("Stopping…"))
        elif paused:
            self.text.setText(self._paused_text())

    def show_summary(self, progress: Progress, *, offline: bool = False) -> None:
        """Show the result of a finished indexing; `offline`: folders of the library are offline."""
        self._show_controls(running=False)
        self._progress = progress
        self.text.setText(summary_text(progress, offline=offline))
        self.unreadable_button.setVisible(progress.unreadable > 0)
        if not progress.unreadable:
            self.hide_later()

    def show_stopped(self, left: int | None, unreadable: int = 0) -> None:
        """Show that the user stopped an indexing, with Resume; `left` photos are not analyzed yet, if that is known."""
        self._show_controls(running=False)
        self._is_stopped = True
        self._update_pause_button()
        self.pause_button.show()
        self.text.setText(_stopped_text(left, unreadable))
        self.unreadable_button.setVisible(unreadable > 0)

    def update_icons(self) -> None:
        super().update_icons()
        self.pause_button.setIcon(theme.icon("play" if self._can_resume else "pause"))
        self._update_phase_labels()

    @property
    def _can_resume(self) -> bool:
        return self._is_stopped or self._state is IndexState.PAUSED

    def _update_pause_button(self) -> None:
        self.pause_button.setText(tr("Resume") if self._can_resume else tr("Pause"))
        can_pause = self._state in (IndexState.RUNNING, IndexState.PAUSED)
        self.pause_button.setEnabled(self._is_stopped or can_pause)
        self.update_icons()

    def _toggle_pause(self) -> None:
        (self.resume_requested if self._can_resume else self.pause_requested).emit()

    def _paused_text(self) -> str:
        counts = [] if self._progress.phase is Phase.GROUPING else _count_texts(self._progress)[:2]
        return _SEPARATOR.join([tr("Paused"), *counts])

    def _show_controls(self, *, running: bool) -> None:
        for widget in (self.pause_button, *self.phase_labels.values()):
            widget.setVisible(running)
        self.set_running(running)
        if self._is_stopped:
            self._is_stopped = False
            self._update_pause_button()
        if running:
            self.unreadable_button.hide()

    def _update_phase_labels(self) -> None:
        names = {
            Phase.SCANNING: tr("Scanning"),
            Phase.ANALYZING: tr("Analyzing"),
            Phase.GROUPING: tr("Grouping"),
            Phase.COMPARING: tr("Comparing"),
        }
        phases = self.phases
        current = phases.index(self._phase) if self._phase in phases else len(phases)
        quiet = self.palette().color(QPalette.ColorRole.PlaceholderText).name()
        for index, (phase, label) in enumerate(self.phase_labels.items()):
            prefix = "✓ " if index < current else f"{index + 1}  "
            label.setText(f"{prefix}{names[phase]}")
            label.setStyleSheet("font-weight: 600" if index == current else f"color: {quiet}")


def _progress_text(progress: Progress) -> str:
    """Describe the progress of the running phase."""
    if progress.phase is Phase.SCANNING:
        return tr("%Ln photo(s) found", "", progress.done) if progress.done else ""
    if progress.phase is Phase.GROUPING:
        return tr("Grouping similar photos")
    parts = _count_texts(progress)
    if progress.phase is Phase.DETECTING:
        return _SEPARATOR.join([tr("Finding objects"), *parts])
    if progress.next_model:
        parts.insert(0, tr("Analyzing with {model}").format(model=progress.next_model))
    return _SEPARATOR.join(parts)


def _count_texts(progress: Progress) -> list[str]:
    if progress.total == 0:
        return []
    parts = [
        tr("{done} of {total}").format(
            done=formatting.format_number(progress.done), total=formatting.format_number(progress.total)
        ),
        tr("{percent}%").format(percent=100 * progress.done // progress.total),
    ]
    if progress.seconds_left is not None:
        parts.append(formatting.format_time_left(progress.seconds_left))
    return parts


def summary_text(progress: Progress, *, offline: bool = False) -> str:
    """Describe the result of an indexing in one line; `offline`: folders of the library are offline."""
    changes = ", ".join(_change_texts(progress))
    if progress.model_switched:
        switched = tr("Now using {model}.").format(model=progress.next_model)
        return f"{changes}. {switched}" if changes else switched
    if changes:
        return f"{changes}."
    if progress.unchanged:
        return tr("Up to date: %Ln file(s)", "", progress.unchanged)
    if offline:
        return tr("No photos found. Offline folders are skipped.")
    return tr("No photos found.")


def _change_texts(progress: Progress) -> list[str]:
    parts = []
    if progress.indexed:
        parts.append(tr("%Ln photo(s) indexed", "", progress.indexed))
    if progress.unreadable:
        parts.append(tr("%Ln file(s) couldn't be read", "", progress.unreadable))
    if progress.moved:
        parts.append(tr("%Ln file(s) moved", "", progress.moved))
    if removed := progress.removed - progress.moved:
        parts.append(tr("%Ln file(s) removed", "", removed))
    if progress.excluded:
        parts.append(tr("%Ln photo(s) in excluded folders removed", "", progress.excluded))
    if progress.missing:
        parts.append(tr("%Ln photo(s) missing", "", progress.missing))
    if progress.still_changing:
        parts.append(tr("%Ln file(s) being written", "", progress.still_changing))
    if progress.videos and parts:
        parts.append(tr("%Ln video(s) skipped", "", progress.videos))
    if progress.unchanged and parts and not progress.model_switched:
        parts.append(tr("%Ln unchanged", "", progress.unchanged))
    return parts


def _stopped_text(left: int | None, unreadable: int) -> str:
    text = tr("Indexing stopped. %Ln photo(s) left.", "", left) if left else tr("Indexing stopped.")
    if unreadable:
        text += " " + tr("%Ln file(s) couldn't be read.", "", unreadable)
    return text
