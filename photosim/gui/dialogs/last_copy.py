"""The question before the last copy of a photo goes to the trash."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtWidgets import QMessageBox, QWidget

from photosim import APP_NAME
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr

_MAX_NAMES = 4
"""Photos named in the question; of more the number says enough."""


class LastCopyAnswer(Enum):
    """What is to go to the trash."""

    CANCEL = auto()
    DUPLICATES = auto()
    ALL = auto()


class LastCopyQuestion(QMessageBox):
    """Says which photos would have no copy left; pressing Enter or Esc keeps them."""

    def __init__(
        self, last: list[str], total: int, answered: Callable[[LastCopyAnswer], object], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle(APP_NAME)
        duplicates_button = total - len(last)
        self.setText(self._question(last, total))
        self.setInformativeText(self._details(last))
        self.cancel_button = self.addButton(tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        self.others = (
            self.addButton(
                tr("Move only the other to the trash")
                if duplicates_button == 1
                else tr("Move only the other {count} to the trash").format(
                    count=formatting.format_number(duplicates_button)
                ),
                QMessageBox.ButtonRole.AcceptRole,
            )
            if duplicates_button
            else None
        )
        everything = tr("Move to the trash") if total == 1 else tr("Move all to the trash")
        self.all_button = self.addButton(everything, QMessageBox.ButtonRole.DestructiveRole)
        self.setDefaultButton(self.cancel_button)
        self.setEscapeButton(self.cancel_button)
        self.finished.connect(lambda _: answered(self._answer()))
        self.finished.connect(self.deleteLater)

    def _question(self, last: list[str], total: int) -> str:
        if total == 1:
            return tr("“{name}” is the last copy of this photo.").format(
                name=formatting.display_name(last[0])
            )
        if len(last) == total:
            return tr("Of these {photos} no copy would be left.").format(
                photos=formatting.count_photos(total)
            )
        if len(last) == 1:
            text = tr("Among these {photos} is one of which no copy would be left.")
            return text.format(photos=formatting.count_photos(total))
        text = tr("Among these {photos} are {count} of which no copy would be left.")
        return text.format(photos=formatting.count_photos(total), count=formatting.format_number(len(last)))

    def _details(self, last: list[str]) -> str:
        if len(last) == 1:
            told = tr(
                "The library knows no other file with the same content that would stay. "
                "From the trash it can be brought back until the trash is emptied."
            )
        else:
            told = tr(
                "The library knows no other files with the same content that would stay. "
                "From the trash they can be brought back until the trash is emptied."
            )
        if formatting.display_name(last[0]) in self.text():
            return told
        names = [formatting.display_name(path) for path in last[:_MAX_NAMES]]
        more = len(last) - len(names)
        if more:
            names.append(tr("and {count} more").format(count=formatting.format_number(more)))
        return f"{told}\n\n" + "\n".join(names)

    def _answer(self) -> LastCopyAnswer:
        if self.clickedButton() is self.all_button:
            return LastCopyAnswer.ALL
        if self.others is not None and self.clickedButton() is self.others:
            return LastCopyAnswer.DUPLICATES
        return LastCopyAnswer.CANCEL
