"""Model page of the settings: use, download, add and remove models, and delete their analysis."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosim import APP_NAME
from photosim.errors import FolderError
from photosim.gui.base import qt_paths
from photosim.gui.base.idle_steps import IdleSteps
from photosim.gui.base.translation import tr
from photosim.gui.dialogs.model_card import ModelCard
from photosim.gui.dialogs.settings import SettingsPage
from photosim.gui.services.model_actions import NEW_MODEL, Download, ModelActions
from photosim.records import ModelState


class ModelPage(SettingsPage):
    """Shows a card for each model."""

    def __init__(self, actions: ModelActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.cards: dict[str, ModelCard] = {}
        self.idle_steps = IdleSteps(self)
        self.confirmation: QMessageBox | None = None
        about = QLabel(
            tr("Switching re-analyzes all photos. The current model is used until that's done."), self
        )
        about.setObjectName("quiet-text")
        about.setWordWrap(True)
        self._list = QWidget(self)
        self._list.setObjectName("cards")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(10)
        self._column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._list)
        scroll.viewport().setAutoFillBackground(False)
        scroll.setAccessibleName(tr("Models"))
        self.add_button = QPushButton(tr("Add file…"), self)
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(self._choose_file)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        footer = QHBoxLayout()
        footer.setSpacing(12)
        footer.addWidget(self.add_button, alignment=Qt.AlignmentFlag.AlignTop)
        footer.addWidget(self.note, 1)
        self.column.addWidget(about)
        self.column.addWidget(scroll, 1)
        self.column.addLayout(footer)
        actions.changed.connect(self._update)
        actions.progressed.connect(self._show_download)
        self._update()
        actions.refresh()

    @classmethod
    def title(cls) -> str:
        return tr("Model")

    def _update(self) -> None:
        actions = self._actions
        ids = [state.id for state in actions.models]
        for model in [model for model in self.cards if model not in ids]:
            self.cards.pop(model).deleteLater()
        for model in self.cards:
            self._update_card(model)
        if ids != list(self.cards):
            self.idle_steps.cancel()
            self.idle_steps.add(self._create_cards())
        self.add_button.setEnabled(actions.busy_model is None)
        error = actions.errors.get(NEW_MODEL)
        self.note.setObjectName("error-text" if error else "quiet-text")
        self.note.setText(error or self._note_text())
        self.note.style().polish(self.note)

    def _note_text(self) -> str:
        if self._actions.busy_model == NEW_MODEL:
            return tr("Checking file…")
        return tr("Use your own YOLO11 model (.pt). No code in the file is executed.")

    def _update_card(self, model: str) -> None:
        actions = self._actions
        state = next(state for state in actions.models if state.id == model)
        self.cards[model].show_state(
            state,
            error=actions.errors.get(model),
            busy=actions.busy_model is not None,
            download=actions.download,
        )

    def _create_cards(self) -> Iterator[None]:
        """Create and arrange the cards in idle steps; existing cards keep the focus."""
        states = self._actions.models
        for position, state in enumerate(states):
            card = self.cards.get(state.id)
            if card is None:
                card = self.cards[state.id] = self._create_card(state)
                card.hide()
                yield
                self._update_card(state.id)
            self._column.insertWidget(position, card)
            card.show()
            yield
        self.cards = {state.id: self.cards[state.id] for state in states}

    def _create_card(self, state: ModelState) -> ModelCard:
        card = ModelCard(state, self._list)
        card.download_requested.connect(self._actions.download_model)
        card.cancel_requested.connect(self._actions.cancel)
        card.use_requested.connect(self._actions.use)
        card.delete_analysis_requested.connect(self._confirm_delete_analysis)
        card.remove_requested.connect(self._confirm_remove)
        return card

    def _show_download(self, download: Download) -> None:
        if download.model in self.cards:
            self.cards[download.model].show_download(download)

    def _choose_file(self) -> None:
        patterns = tr("YOLO11 models (*.pt);;All files (*)")
        try:
            path = qt_paths.choose_file(self, tr("Add model"), "", patterns)
        except FolderError as error:
            self._actions.errors[NEW_MODEL] = str(error)
            self._update()
            return
        if path:
            self._actions.add(path)

    def _confirm_delete_analysis(self, state: ModelState) -> None:
        text = tr("Delete the analysis of %Ln photo(s) by {title}?", "", state.embedded).format(
            title=state.title
        )
        details = tr("You'll need to re-analyze your photos to use it again. The photos are not changed.")
        self._confirm(text, details, tr("Delete"), lambda: self._actions.delete_data(state))

    def _confirm_remove(self, state: ModelState) -> None:
        text = tr("Remove {title}?").format(title=state.title)
        details = tr("The model file is deleted. Its analysis is kept.")
        self._confirm(text, details, tr("Remove"), lambda: self._actions.remove(state))

    def _confirm(self, text: str, details: str, label: str, callback: Callable[[], object]) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(APP_NAME)
        box.setText(text)
        box.setInformativeText(details)
        confirm = box.addButton(label, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.finished.connect(lambda _: callback() if box.clickedButton() is confirm else None)
        box.finished.connect(box.deleteLater)
        self.confirmation = box
        box.open()
