"""The licences of the program and of what it is made with."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from photosim import licences
from photosim.licences import ThirdPartyWork


def test_a_run_from_the_source_knows_the_licences_of_what_it_needs() -> None:
    works = {work.name.lower(): work for work in licences.third_party_works()}
    for name in ("python", "torch", "ultralytics-opencv-headless", "pillow", "hnswlib", "numpy", "certifi"):
        assert works[name].texts, name
    for name in ("pyside6_essentials", "igraph"):
        assert any("GENERAL PUBLIC LICENSE" in text for text in works[name].texts), name
    assert "Apache License" in "".join(works["efficientnet-lite0"].texts)
    assert "pytest" not in works


def test_the_own_licence_and_the_source_are_there() -> None:
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in licences.own_licence_text()
    assert str(Path(licences.__file__).resolve().parent.parent) in licences.source_offer()


def test_works_written_into_a_text_are_read_from_it_again() -> None:
    works = [
        ThirdPartyWork("One Two", "1.0+x", "MIT", "https://example.org", ("A text.\n\n====\n\nMore of it.",)),
        ThirdPartyWork("Three", "2", "see the text", "", ("A second text.",)),
    ]
    assert licences.parse_works(licences.format_works(works, "An introduction.")) == works


def test_a_text_that_many_share_stands_there_once() -> None:
    shared = "Do as you like."
    text = licences.format_works(
        [ThirdPartyWork("A", "1", "X", "", (shared,)), ThirdPartyWork("B", "1", "X", "", (f" {shared}\n",))],
        "",
    )
    assert text.count(shared) == 1
    assert "The same text as of A." in text


def test_a_package_shows_what_it_was_built_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "licences").mkdir()
    works = [ThirdPartyWork("torch", "2", "BSD", "", ("The text.",))]
    (tmp_path / "licences" / licences.THIRD_PARTY).write_text(
        licences.format_works(works, ""), encoding="utf-8"
    )
    (tmp_path / "licences" / licences.SOURCE).write_text("It lies there.", encoding="utf-8")
    (tmp_path / "licences" / licences.OWN).write_text("Ours.", encoding="utf-8")
    monkeypatch.setattr(licences, "resource_path", tmp_path.joinpath)
    monkeypatch.setattr(metadata, "distribution", None)
    assert licences.third_party_works() == works
    assert (licences.source_offer(), licences.own_licence_text()) == ("It lies there.", "Ours.")
