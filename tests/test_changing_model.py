"""The façade: another model, and back."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import pytest

from photosim import settings
from photosim.control import Control
from photosim.core import models, stamp
from photosim.core.models import DEFAULT
from photosim.core.neighbours import NeighbourIndex
from photosim.core.records import Phase
from photosim.errors import LibraryError, ModelError
from photosim.library import Library
from photosim.model_shelf import ModelShelf
from photosim.settings import Settings
from tests.folders import make_photos
from tests.images import make_photo, make_scene
from tests.indexing import index, indexed


@pytest.fixture
def other(best: Path) -> models.ModelEntry:
    """A small model on the shelf of this test's person."""
    return ModelShelf().add(best)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    make_photos(tmp_path / "photos", 6)
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Library:
    """A library that was indexed with the model in the box."""
    return indexed(tmp_path / "library", photos)


def change_to(library: Library, entry: models.ModelEntry) -> None:
    library.use_model(entry.id)
    index(library)
    assert library.model == entry


def answers(library: Library) -> list[list[tuple[str, float]]]:
    return [
        [(match.path, round(match.similarity, 5)) for match in library.similar(photo.file_id)]
        for photo in library.photos()
    ]


def test_the_choice_holds_for_this_library_whenever_it_is_opened(
    library: Library, other: models.ModelEntry, tmp_path: Path
) -> None:
    assert library.use_model(other.name) == other
    index(library)
    assert library.model == other
    assert Library.open(library.folder).model == other
    assert Library.open(tmp_path / "another").model == DEFAULT


def test_the_old_model_answers_until_the_new_one_has_seen_all_photos(
    library: Library, other: models.ModelEntry
) -> None:
    before = answers(library)
    library.use_model(other.name)
    status = library.status()
    assert (status.model, status.dimensions, status.embedded) == (DEFAULT.id, DEFAULT.dimensions, 6)
    assert (status.next_model, status.next_embedded) == (other.id, 0)
    for report in library.index():
        if report.phase is not Phase.DONE:
            assert library.model == Library.open(library.folder).model == DEFAULT
            assert answers(library) == before
    assert (report.took_over, report.next_model) == (True, other.title)
    status = library.status()
    assert (status.model, status.dimensions, status.embedded) == (other.id, 1280, 6)
    assert (status.next_model, status.next_embedded) == (None, 0)
    assert answers(library) != before


def test_switching_back_is_instant_and_reads_no_photo(
    library: Library, other: models.ModelEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answers(library)
    change_to(library, other)
    with_other = answers(library)
    monkeypatch.setattr("photosim.core.decode.load", pytest.fail)
    for entry, expected in ((DEFAULT, before), (other, with_other)):
        library.use_model(entry.id)
        assert library.model == entry
        assert answers(library) == expected
        assert index(library).unchanged == 6


def test_a_change_that_is_stopped_goes_on_where_it_was(
    library: Library, other: models.ModelEntry, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.reading.BATCH", 2)
    make_photos(photos, 20)
    index(library)
    library.use_model(other.name)
    control = Control()
    for report in library.index(control=control):
        if report.next_model and report.done:
            control.cancel()
    assert (report.cancelled, report.took_over) == (True, False)
    seen = library.status().next_embedded
    assert 0 < seen < 20
    assert library.model == DEFAULT
    shown = [report.total for report in Library.open(library.folder).index() if report.next_model]
    assert shown[1] == 20 - seen
    assert library.models.follow()
    assert library.model == other


def test_a_change_can_be_taken_back_while_it_runs(library: Library, other: models.ModelEntry) -> None:
    before = answers(library)
    library.use_model(other.name)
    elsewhere = Library.open(library.folder)
    for report in library.index():
        if report.next_model and report.done:
            elsewhere.use_model(DEFAULT.name)
    assert not report.took_over
    assert library.model == DEFAULT
    assert library.status().next_model is None
    assert answers(library) == before


def test_a_window_that_is_open_follows_a_change_made_by_another_process(
    library: Library, other: models.ModelEntry
) -> None:
    elsewhere = Library.open(library.folder)
    change_to(elsewhere, other)
    assert library.model == DEFAULT
    assert library.models.follow()
    assert answers(library) == answers(elsewhere)
    assert not library.models.follow()


def test_a_model_that_cannot_be_loaded_is_given_up_with_a_sentence(
    library: Library, other: models.ModelEntry
) -> None:
    before = answers(library)
    library.use_model(other.name)
    ModelShelf().weights_path(other).write_bytes(b"no longer a model")
    with pytest.raises(ModelError, match=r"cannot look at the photos, so YOLO11n .* goes on .* damaged"):
        index(library)
    assert library.status().next_model is None
    assert answers(library) == before
    assert index(library).unchanged == 6


def test_photos_that_are_away_do_not_hold_up_a_change(
    library: Library, other: models.ModelEntry, photos: Path, tmp_path: Path
) -> None:
    for number in range(3):
        make_photo(tmp_path / "drive" / f"{number}.jpg", 70 + number)
    index(library, tmp_path / "drive")
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    library.use_model(other.name)
    index(library)
    assert library.model == other
    assert (library.status().photos, library.status().embedded) == (9, 6)
    away = next(photo for photo in library.photos() if "drive" in photo.path)
    with pytest.raises(LibraryError, match="has not looked at this photo yet"):
        library.similar(away.file_id)
    (tmp_path / "unplugged").rename(tmp_path / "drive")
    assert index(library).indexed == 3
    assert len(library.similar(away.file_id)) == 8


def test_a_photo_that_can_no_longer_be_read_does_not_hold_up_a_change(
    library: Library, other: models.ModelEntry
) -> None:
    broken = Path(library.photos()[0].path)
    stat, data = broken.stat(), broken.read_bytes()
    library.use_model(other.name)
    broken.write_bytes(b"x" * len(data))
    os.utime(broken, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    index(library)
    assert library.model == other
    assert library.status().embedded == 5


def test_a_photo_indexed_during_a_change_is_seen_by_both_models(
    library: Library, other: models.ModelEntry, photos: Path
) -> None:
    library.use_model(other.name)
    make_scene(50).save(photos / "new.jpg")
    index(library)
    assert (library.model, library.status().embedded) == (other, 7)
    library.use_model(DEFAULT.name)
    assert (library.model, library.status().embedded) == (DEFAULT, 7)


def test_in_a_library_without_photos_the_choice_holds_at_once(
    other: models.ModelEntry, tmp_path: Path
) -> None:
    library = Library.open(tmp_path / "empty")
    library.use_model(other.name)
    assert library.model == other


def test_a_library_of_an_older_program_answers_with_its_model_until_the_new_one_is_ready(
    library: Library, other: models.ModelEntry
) -> None:
    """The model in the box was another one, and nobody had chosen any."""
    change_to(library, other)
    library.models.drop(DEFAULT.name)
    before = answers(library)
    settings.save(library.folder, Settings())
    again = Library.open(library.folder)
    assert (again.model, again.models.next) == (other, DEFAULT)
    assert answers(again) == before
    index(again)
    assert (again.model, again.status().embedded) == (DEFAULT, 6)


def test_clusters_belong_to_their_model_and_come_back_with_it(
    library: Library, other: models.ModelEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = library.clusters()
    change_to(library, other)
    library.clusters()
    monkeypatch.setattr("photosim.grouping.cluster_levels", pytest.fail)
    library.use_model(DEFAULT.name)
    assert library.clusters() == before


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs are for large libraries; here they are made for a small one."""
    defaults = NeighbourIndex.load.__func__.__kwdefaults__  # type: ignore[attr-defined]
    monkeypatch.setitem(defaults, "exact_below", 1)


@pytest.mark.usefixtures("graphs")
def test_each_model_keeps_its_neighbour_graph(
    library: Library, other: models.ModelEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(library)
    before = answers(Library.open(library.folder))
    change_to(library, other)
    with_other = answers(Library.open(library.folder))
    monkeypatch.setattr("photosim.core.hnsw.Graph.add", pytest.fail)
    for entry, expected in ((DEFAULT, before), (other, with_other)):
        library.use_model(entry.id)
        again = Library.open(library.folder)
        assert answers(again) == expected
        assert index(again).unchanged == 6
        assert (stamp.graph_folder(library.folder, entry.id) / stamp.GRAPH_FILE).exists()


@pytest.mark.usefixtures("graphs")
def test_the_graph_of_an_older_library_is_taken_over(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(library)
    before = answers(library)
    own = stamp.graph_folder(library.folder, DEFAULT.id)
    for name in (stamp.GRAPH_FILE, stamp.STAMP_FILE):
        (own / name).rename(library.folder / name)
    monkeypatch.setattr("photosim.core.hnsw.Graph.add", pytest.fail)
    again = Library.open(library.folder)
    assert answers(again) == before
    assert index(again).unchanged == 6
    assert (own / stamp.STAMP_FILE).exists()
    assert not (library.folder / stamp.STAMP_FILE).exists()


@pytest.mark.usefixtures("graphs")
@pytest.mark.parametrize(
    "content", ["{", "[]", '{"model": 7}', '{"model": "../../elsewhere"}', '{"model": ".."}']
)
def test_an_older_graph_that_nobody_can_use_is_cleared_away(library: Library, content: str) -> None:
    before = answers(library)
    (library.folder / stamp.GRAPH_FILE).write_bytes(b"x")
    (library.folder / stamp.STAMP_FILE).write_text(content, encoding="utf-8")
    assert answers(Library.open(library.folder)) == before
    assert not (library.folder / stamp.GRAPH_FILE).exists()


def test_what_a_change_costs_in_time_is_told_from_the_last_indexing(
    library: Library, other: models.ModelEntry, photos: Path
) -> None:
    assert {state.seconds for state in library.models.states()} == {None}
    make_photos(photos, 40)
    index(library)
    seconds = {state.id: state.seconds for state in library.models.states()}
    assert seconds[DEFAULT.id] == 0
    assert 0 < (seconds["yolo11n-cls-10-mean-224"] or 0) < (seconds["yolo11x-cls-10-mean-224"] or 0)


# --- forgetting ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("graphs")
def test_what_a_model_saw_is_dropped_with_its_graph_and_its_clusters(
    library: Library, other: models.ModelEntry
) -> None:
    library.clusters()
    change_to(library, other)
    before = answers(library)
    assert library.models.drop(DEFAULT.id) == 6
    states = {state.id: state for state in library.models.states()}
    assert (states[DEFAULT.id].seen, states[other.id].seen) == (0, 6)
    assert not stamp.graph_folder(library.folder, DEFAULT.id).exists()
    assert answers(library) == before
    library.use_model(DEFAULT.id)
    assert (library.model, library.status().next_embedded) == (other, 0)


def test_dropping_gives_the_room_on_the_disk_back(library: Library, other: models.ModelEntry) -> None:
    change_to(library, other)
    with library._catalog.store.writing() as db:
        db.execute("UPDATE embeddings SET vector = zeroblob(200000) WHERE model = ?", (DEFAULT.id,))
    library.close()
    library = Library.open(library.folder)
    size = (library.folder / "library.db").stat().st_size
    library.models.drop(DEFAULT.id)
    library.close()
    assert (library.folder / "library.db").stat().st_size < size - 1_000_000


def test_the_model_in_use_and_the_next_one_are_not_dropped_or_removed(
    library: Library, other: models.ModelEntry
) -> None:
    with pytest.raises(ModelError, match="choose another model first"):
        library.models.drop(DEFAULT.name)
    library.use_model(other.name)
    for refused in (library.models.drop, library.models.remove):
        with pytest.raises(ModelError, match="is about to take over"):
            refused(other.name)
    index(library)
    with pytest.raises(ModelError, match="choose another model first"):
        library.models.remove(other.name)
    library.use_model(DEFAULT.name)
    library.models.remove(other.name)
    with pytest.raises(ModelError, match="no model"):
        library.use_model(other.name)


def test_what_a_model_saw_can_be_dropped_when_its_file_is_gone(
    library: Library, other: models.ModelEntry
) -> None:
    change_to(library, other)
    library.use_model(DEFAULT.name)
    library.models.remove(other.name)
    left = library.models.states()[-1]
    assert (left.id, left.seen, left.is_only_memory) == (other.id, 6, True)
    assert library.models.drop(other.id) == 6
    assert not any(state.is_only_memory for state in library.models.states())
    with pytest.raises(ModelError, match="no model"):
        library.models.drop(other.id)


# --- asking afterwards ---------------------------------------------------------------------------------------


def test_another_file_is_compared_with_the_chosen_model(
    library: Library, other: models.ModelEntry, tmp_path: Path
) -> None:
    library.use_model(other.name)
    index(library)
    member = library.photos()[3]
    copy = tmp_path / "elsewhere.jpg"
    copy.write_bytes(Path(member.path).read_bytes())
    best = library.similar_to_file(copy, 1)[0]
    assert best.path == member.path
    assert best.similarity > 0.999


def test_export_holds_the_chosen_models_embeddings(
    library: Library, other: models.ModelEntry, tmp_path: Path
) -> None:
    library.use_model(other.name)
    index(library)
    assert library.export(tmp_path / "all.npz") == 6
    with np.load(tmp_path / "all.npz") as exported:
        assert (exported["embeddings"].shape, str(exported["model"])) == ((6, 1280), other.id)


def test_new_photos_are_embedded_with_the_chosen_model_only(
    library: Library, other: models.ModelEntry, photos: Path
) -> None:
    change_to(library, other)
    make_scene(50).save(photos / "new.jpg")
    assert index(library).indexed == 1
    assert len(library.similar(library.photos()[0].file_id)) == 6
    library.use_model(DEFAULT.name)
    assert (library.status().photos, library.status().next_embedded) == (7, 6)
    index(library)
    assert library.model == DEFAULT
    assert len(library.similar(library.photos()[0].file_id)) == 6


@pytest.mark.parametrize("word", ["yolo99", "yolo11n-cls"])
def test_a_model_that_is_not_here_is_not_chosen(library: Library, word: str) -> None:
    with pytest.raises(ModelError):
        library.use_model(word)
    assert library.model == DEFAULT
    assert settings.load(library.folder) == Settings()


def test_without_the_chosen_model_the_one_in_the_box_answers_and_the_choice_stays(
    library: Library, other: models.ModelEntry, best: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library.use_model(other.name)
    index(library)
    ModelShelf().remove(other.name)
    with caplog.at_level(logging.WARNING, "photosim"):
        again = Library.open(library.folder)
    assert again.model == DEFAULT
    assert other.id in caplog.text
    assert len(again.similar(again.photos()[0].file_id)) == 5
    ModelShelf().add(best)
    assert Library.open(library.folder).status().embedded == 6


def test_a_chosen_model_whose_file_is_gone_answers_from_what_it_saw(
    library: Library, other: models.ModelEntry, photos: Path
) -> None:
    library.use_model(other.name)
    index(library)
    ModelShelf().weights_path(other).unlink()
    again = Library.open(library.folder)
    assert len(again.similar(again.photos()[0].file_id)) == 5
    make_scene(50).save(photos / "new.jpg")
    with pytest.raises(ModelError, match="photosim models add"):
        index(again)


def test_settings_of_a_model_that_nobody_knows_do_not_keep_a_library_shut(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    settings.save(tmp_path / "library", Settings(model="from-the-future"))
    assert Library.open(tmp_path / "library").model == DEFAULT
