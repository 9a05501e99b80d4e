"""The bar of the certainty."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from photosim.gui.duplicates.certainty_bar import CertaintyBar
from photosim.gui.state.duplicates.certain_groups import line_text


def test_the_sentence_is_whole_or_short_or_left_out(qtbot: QtBot) -> None:
    bar = CertaintyBar()
    qtbot.addWidget(bar)
    bar.show()
    text = line_text(0.99, 12)
    bar.show_sentence(text)
    width = bar.fontMetrics().horizontalAdvance(text.full)
    room = bar.width() - bar.sentence.width()
    for space, expected in ((width + 20, text.full), (width - 20, text.short), (30, "")):
        bar.resize(room + space, bar.height())
        qtbot.waitUntil(lambda: bar.width() == room + space)  # noqa: B023 - waited for at once
        assert bar.sentence.text() == expected
        assert text.full in bar.slider.toolTip()
