"""Question before the last copies of photos are moved to the trash."""

from __future__ import annotations

from collections.abc import Callable
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
    DUPLICATES = auto()
    ALL = auto()


class LastCopyQuestion(QMessageBox):
    """Tells which of the photos have no other copy; Enter and Escape cancel.

    `last_copies` are the paths of those photos, `total` the number of all photos to be moved.
    """

    def __init__(
        self,
        last_copies: list[str],
        total: int,
        answered: Callable[[LastCopyAnswer], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle(APP_NAME)
        self.setText(_question(last_copies, total))
        self.setInformativeText(_details(last_copies, total))
        self.cancel_button = self.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        self.duplicates_button = None
        if duplicates := total - len(last_copies):
            text = tr("Move only %Ln duplicate(s) to trash", "", duplicates)
            self.duplicates_button = self.addButton(text, QMessageBox.ButtonRole.AcceptRole)
        move_all = tr("Move to trash") if total == 1 else tr("Move all to trash")
        self.all_button = self.addButton(move_all, QMessageBox.ButtonRole.DestructiveRole)
        self.setDefaultButton(self.cancel_button)
        self.setEscapeButton(self.cancel_button)
        self.finished.connect(lambda _: answered(self._answer()))
        self.finished.connect(self.deleteLater)

    def _answer(self) -> LastCopyAnswer:
        if self.clickedButton() is self.all_button:
            return LastCopyAnswer.ALL
        if self.duplicates_button is not None and self.clickedButton() is self.duplicates_button:
            return LastCopyAnswer.DUPLICATES
        return LastCopyAnswer.CANCEL


def _question(last_copies: list[str], total: int) -> str:
    if total == 1:
        name = formatting.display_name(last_copies[0])
        return tr("“{name}” is the last copy of this photo. Move to trash?").format(name=name)
    if len(last_copies) == total:
        return tr("These %Ln photo(s) have no other copies. Move to trash?", "", total)
    text = tr("%Ln of these {photos} (has|have) no other copy.", "", len(last_copies))
    return text.format(photos=formatting.count_photos(total))


def _details(last_copies: list[str], total: int) -> str:
    text = tr("You can restore (it|them) from the trash.", "", total)
    if total == 1:
        return text
    names = [formatting.display_name(path) for path in last_copies[:_MAX_NAMES]]
    if more := len(last_copies) - len(names):
        names.append(tr("and %Ln more", "", more))
    return f"{text}\n\n" + "\n".join(names)
