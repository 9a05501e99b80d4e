"""The licences, as About shows them."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim import licences
from photosim.gui.base.jobs import Jobs
from photosim.gui.dialogs.licences import LicencesDialog, WorkModel
from photosim.gui.dialogs.messages import AboutDialog
from photosim.licences import ThirdPartyWork

OTHERS = [ThirdPartyWork("torch", "2", "BSD", "https://example.org", ("First text.", "Second text."))]


@pytest.fixture
def dialog(qtbot: QtBot, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> LicencesDialog:
    monkeypatch.setattr(licences, "third_party_works", lambda: OTHERS)
    dialog = LicencesDialog(jobs)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: bool(dialog.model.works))
    return dialog


def test_it_opens_on_the_licence_of_photosim(dialog: LicencesDialog) -> None:
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in dialog.text.toPlainText()
    assert "AGPL-3.0" in dialog.heading.text()


def test_it_says_where_the_source_is(dialog: LicencesDialog) -> None:
    dialog.list.setCurrentIndex(dialog.model.index(1))
    assert dialog.text.toPlainText() == licences.source_offer()


def test_it_shows_every_text_of_a_work_of_others(dialog: LicencesDialog) -> None:
    dialog.list.setCurrentIndex(dialog.model.index(2))
    assert dialog.heading.text() == "torch 2\nBSD\nhttps://example.org"
    assert dialog.text.toPlainText() == "First text.\n\nSecond text."


def test_licences_that_cannot_be_read_are_said_to_be(
    qtbot: QtBot, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> list[ThirdPartyWork]:
        raise FileNotFoundError("not there")

    monkeypatch.setattr(licences, "third_party_works", fail)
    dialog = LicencesDialog(jobs)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: "not there" in dialog.heading.text())


def test_the_works_are_a_sound_model(qtbot: QtBot) -> None:
    model = WorkModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(OTHERS)
    assert model.rowCount() == 1
    assert tester is not None


def test_about_leads_to_the_licences(qtbot: QtBot, jobs: Jobs) -> None:
    about = AboutDialog(jobs)
    qtbot.addWidget(about)
    about.show()
    about.licences_button.click()
    shown = about.findChild(LicencesDialog)
    assert shown is not None
    qtbot.waitUntil(lambda: bool(shown.model.works))
    shown.close()
