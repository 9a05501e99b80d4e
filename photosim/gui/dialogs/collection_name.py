"""Dialog that asks for the name of a collection or of a kept search."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from photosim.gui.base.translation import tr
from photosim.library.collections import MAX_NAME

_WIDTH = 380  # logical pixels


class CollectionNameDialog(QDialog):
    """Accepts any name that no other collection has; says so while one has it."""

    def __init__(
        self,
        title: str,
        button: str,
        taken: Collection[str],
        parent: QWidget | None = None,
        *,
        name: str = "",
        option: str = "",
    ) -> None:
        """`button` is the text of the default button, `option` that of a check box, which is checked; none if empty."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._taken = {other.casefold(): other for other in taken}
        label = QLabel(tr("&Name:"), self)
        self.field = QLineEdit(name, self)
        self.field.setMaxLength(MAX_NAME)
        self.field.setMinimumWidth(_WIDTH)
        self.field.selectAll()
        self.field.textChanged.connect(self._update)
        label.setBuddy(self.field)
        self.option = QCheckBox(option, self)
        self.option.setChecked(bool(option))
        self.option.setVisible(bool(option))
        self.note = QLabel(self)
        self.note.setObjectName("small-text")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.accept_button = self.buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.accept_button.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(10)
        for widget in (label, self.field, self.option, self.note, self.buttons):
            layout.addWidget(widget)
        self._update()

    @property
    def name(self) -> str:
        """The name, without spaces around it."""
        return " ".join(self.field.text().split())

    def accept(self) -> None:
        if self.accept_button.isEnabled():
            super().accept()

    def _update(self) -> None:
        taken = self._taken.get(self.name.casefold())
        self.note.setText(
            "" if taken is None else tr("There is a collection “{name}” already.").format(name=taken)
        )
        self.accept_button.setEnabled(bool(self.name) and taken is None)
