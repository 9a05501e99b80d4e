"""Questions before photos go to the trash or are deleted; ordinary photos go there without one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto

from PySide6.QtWidgets import QMessageBox, QWidget

from photosim import APP_NAME
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr

_MAX_NAMES = 4
"""Photos listed by name; the others are only counted."""


class LastCopyAnswer(Enum):
    """What to move to the trash."""

    CANCEL = auto()
    KEEP_ONE = auto()
    ALL = auto()


class LastCopyQuestion(QMessageBox):
    """Tells that photos of which there are several copies would all go; Escape cancels.

    `last_copies` are the paths of those photos, `kept` the number of those that "Keep one of each" would keep, `total`
    the number of all photos to be moved.
    """

    def __init__(
        self,
        last_copies: Sequence[str],
        kept: int,
        total: int,
        answered: Callable[[LastCopyAnswer], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle(APP_NAME)
        self.setText(_question(last_copies, kept))
        self.setInformativeText(_details(last_copies))
        self.keep_button = None
        if kept < total:
            self.keep_button = self.addButton(tr("Keep one of each"), QMessageBox.ButtonRole.AcceptRole)
        move_all = tr("Move to trash") if total == 1 else tr("Move all to trash")
        self.all_button = self.addButton(move_all, QMessageBox.ButtonRole.DestructiveRole)
        self.cancel_button = self.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.keep_button or self.cancel_button)
        self.setEscapeButton(self.cancel_button)
        self.finished.connect(lambda _: answered(self._answer()))
        self.finished.connect(self.deleteLater)

    def _answer(self) -> LastCopyAnswer:
        if self.clickedButton() is self.all_button:
            return LastCopyAnswer.ALL
        if self.keep_button is not None and self.clickedButton() is self.keep_button:
            return LastCopyAnswer.KEEP_ONE
        return LastCopyAnswer.CANCEL


class NoTrashQuestion(QMessageBox):
    """Asks whether photos on a drive without trash are to be deleted permanently; Enter and Escape cancel."""

    def __init__(self, paths: Sequence[str], delete: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle(APP_NAME)
        if len(paths) == 1:
            text = tr("“{name}” is on a drive without trash. Delete it permanently?")
            self.setText(text.format(name=formatting.display_name(paths[0])))
        else:
            text = tr(
                "%Ln photo(s) (is|are) on a drive without trash. Delete (it|them) permanently?",
                "",
                len(paths),
            )
            self.setText(text)
        self.setInformativeText(tr("This can't be undone."))
        self.delete_button = self.addButton(tr("Delete permanently"), QMessageBox.ButtonRole.DestructiveRole)
        self.cancel_button = self.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.cancel_button)
        self.setEscapeButton(self.cancel_button)
        self.finished.connect(lambda _: delete() if self.clickedButton() is self.delete_button else None)
        self.finished.connect(self.deleteLater)


def _question(last_copies: Sequence[str], kept: int) -> str:
    if len(last_copies) == 1:
        name = formatting.display_name(last_copies[0])
        return tr("“{name}” is the last copy of this photo. Move to trash?").format(name=name)
    if kept == 1:
        return tr("These are all copies of this photo. Move all to trash?")
    return tr("These are all copies of %Ln photo(s). Move all to trash?", "", kept)


def _details(last_copies: Sequence[str]) -> str:
    text = tr("You can restore (it|them) from the trash.", "", len(last_copies))
    if len(last_copies) == 1:
        return text
    names = [formatting.display_name(path) for path in last_copies[:_MAX_NAMES]]
    if more := len(last_copies) - len(names):
        names.append(tr("and %Ln more", "", more))
    return f"{text}\n\n" + "\n".join(names)
