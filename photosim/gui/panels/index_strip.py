"""The strip at the foot of the window: where an indexing stands, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.services.index_process import IndexState
from photosim.gui.widgets.status_strip import BAR_STEPS, StatusStrip
from photosim.records import Phase, Progress

_PHASES = (Phase.SCANNING, Phase.ANALYZING, Phase.GROUPING)


class IndexStrip(StatusStrip):
    """Hidden until there is something to tell."""

    pause_requested = Signal()
    resume_requested = Signal()
    unreadable_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Indexing"), parent)
        self._state = IndexState.IDLE
        self._phase = Phase.SCANNING
        self._progress = Progress(Phase.SCANNING)
        self.phase_labels = {phase: QLabel(self) for phase in _PHASES}
        self.pause_button = self.make_button(tr("Pause"), self._toggle_pause)
        self.unreadable_button = self.make_link(tr("Show why"), self.unreadable_requested.emit)
        self.build((*self.phase_labels.values(), self.text, self.unreadable_button), (self.pause_button,))

    def show_progress(self, progress: Progress) -> None:
        """Tell where the indexing stands."""
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
        """Follow pause and resume."""
        self._state = state
        paused = state is IndexState.PAUSED
        self.pause_button.setText(tr("Resume") if paused else tr("Pause"))
        self.pause_button.setEnabled(state in (IndexState.RUNNING, IndexState.PAUSED))
        self.cancel_button.setEnabled(state in (IndexState.RUNNING, IndexState.PAUSED))
        if state is IndexState.CANCELLING:
            self.text.setText(tr("Stopping at the next safe place…"))
        elif paused:
            self.text.setText(self._paused_text())
        self.update_icons()

    def show_summary(self, progress: Progress, *, offline: bool = False) -> None:
        """Tell in one line what came of it."""
        self._show_controls(running=False)
        self._progress = progress
        self.text.setText(summary_text(progress, offline=offline))
        self.unreadable_button.setVisible(progress.unreadable > 0)

    def update_icons(self) -> None:
        """Take the icons of the present palette."""
        super().update_icons()
        self.pause_button.setIcon(theme.icon("play" if self._state is IndexState.PAUSED else "pause"))
        self._update_phase_labels()

    # --- helpers -----------------------------------------------------------------------------------------

    def _toggle_pause(self) -> None:
        (self.resume_requested if self._state is IndexState.PAUSED else self.pause_requested).emit()

    def _paused_text(self) -> str:
        counted = _count_texts(self._progress)[:2] if self._progress.phase is Phase.ANALYZING else []
        return "  ·  ".join([tr("Paused"), *counted])

    def _show_controls(self, *, running: bool) -> None:
        for widget in (self.pause_button, *self.phase_labels.values()):
            widget.setVisible(running)
        self.set_running(running)
        if running:
            self.unreadable_button.hide()

    def _update_phase_labels(self) -> None:
        names = {
            Phase.SCANNING: tr("Finding"),
            Phase.ANALYZING: tr("Reading"),
            Phase.GROUPING: tr("Grouping"),
        }
        at = _PHASES.index(self._phase)
        quiet = self.palette().color(QPalette.ColorRole.PlaceholderText).name()
        for place, (phase, label) in enumerate(self.phase_labels.items()):
            mark = "✓ " if place < at else f"{place + 1}  "
            label.setText(f"{mark}{names[phase]}")
            label.setStyleSheet("font-weight: 600" if place == at else f"color: {quiet}")


def _progress_text(progress: Progress) -> str:
    """What the present phase has done, in words."""
    if progress.next_model and progress.phase is Phase.ANALYZING:
        looking = tr("{model} looks at the photos").format(model=progress.next_model)
        return "  ·  ".join([looking, *_count_texts(progress)])
    if progress.phase is Phase.SCANNING:
        return (
            tr("{photos} found").format(photos=formatting.count_photos(progress.done))
            if progress.done
            else ""
        )
    if progress.phase is Phase.GROUPING:
        return tr("Putting photos that look alike together")
    return "  ·  ".join(_count_texts(progress))


def _count_texts(progress: Progress) -> list[str]:
    if progress.total == 0:
        return []
    parts = [
        tr("{done} of {total}").format(
            done=formatting.format_number(progress.done), total=formatting.format_number(progress.total)
        ),
        f"{100 * progress.done // progress.total} %",
    ]
    if progress.seconds_left is not None:
        parts.append(formatting.format_time_left(progress.seconds_left))
    return parts


def summary_text(progress: Progress, *, offline: bool = False) -> str:
    """What came of an indexing, in one line; `offline` says that folders of the library are not there just now."""
    parts = []
    if progress.indexed:
        parts.append(tr("{photos} indexed").format(photos=formatting.count_photos(progress.indexed)))
    if progress.unreadable:
        parts.append(
            tr("{files} could not be read").format(files=formatting.count_files(progress.unreadable))
        )
    if progress.moved:
        parts.append(tr("{files} moved").format(files=formatting.count_files(progress.moved)))
    if gone := progress.removed - progress.moved:
        parts.append(tr("{files} no longer there").format(files=formatting.count_files(gone)))
    if progress.missing:
        parts.append(tr("{photos} missing").format(photos=formatting.count_photos(progress.missing)))
    if progress.still_changing:
        parts.append(
            tr("{files} still changing").format(files=formatting.count_files(progress.still_changing))
        )
    if progress.videos and parts:
        parts.append(tr("{videos} left alone").format(videos=formatting.count_videos(progress.videos)))
    if progress.cancelled:
        told = tr("Stopped. It goes on from here when you rescan")
        return ": ".join((told, ", ".join(parts))) if parts else f"{told}."
    if progress.model_switched:
        told = tr("{model} now says what looks alike.").format(model=progress.next_model)
        return f"{', '.join(parts)}. {told}" if parts else told
    if not parts:
        return _unchanged_text(progress.unchanged, offline)
    if progress.unchanged:
        parts.append(tr("{count} unchanged").format(count=formatting.format_number(progress.unchanged)))
    return ", ".join(parts) + "."


def _unchanged_text(unchanged: int, offline: bool) -> str:
    if unchanged:
        return tr("Nothing has changed: {files}.").format(files=formatting.count_files(unchanged))
    if offline:
        return tr("No photos were found. Folders that are offline wait until they are there again.")
    return tr("No photos were found.")
