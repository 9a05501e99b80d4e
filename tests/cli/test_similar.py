"""The command `similar`: one query, or a line for each photo."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from photosim.cli.main import main
from photosim.library import Library
from tests.support.images import make_photo

SCENES, TAKES = 4, 3


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `photos` of scenes, a copy of one of them, and a `library` made from it."""
    base = tmp_path_factory.mktemp("similar")
    for scene in range(SCENES):
        for take in range(TAKES):
            make_photo(base / "photos" / f"{scene} {take}.jpg", scene, variant=take)
    shutil.copy(base / "photos" / "0 0.jpg", base / "photos" / "copy.jpg")
    assert main(["index", str(base / "photos"), "--library", str(base / "library")]) == 0
    return base


def run(capsys: pytest.CaptureFixture[str], base: Path, *arguments: object) -> tuple[int, str]:
    capsys.readouterr()
    status = main(["similar", *map(str, arguments), "--library", str(base / "library")])
    return status, capsys.readouterr().out


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_matches_stand_under_the_headings_of_their_bands(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out = run(capsys, base, base / "photos" / "0 0.jpg", "-k", 100)
    headings = [line for line in out.splitlines() if not line.startswith(" ")]
    names = ["Identical", "Same photo", "Very similar", "Similar", "Less similar"]
    assert headings == [name for name in names if name in headings]
    assert out.splitlines()[:2] == ["Identical", f"  1.000  {base / 'photos' / 'copy.jpg'}"]
    _, out = run(capsys, base, base / "photos" / "0 0.jpg", "-k", 100, "--json")
    bands = {match["band"] for match in json.loads(out)["matches"]}
    assert bands == {heading.lower().replace(" ", "_") for heading in headings}


def test_more_matches_continue_the_list(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = base / "photos" / "1 0.jpg"
    everything = json.loads(run(capsys, base, photo, "-k", 100, "--json")[1])["matches"]
    assert len(everything) == SCENES * TAKES
    for k in (1, 2, 5, SCENES * TAKES):
        assert json.loads(run(capsys, base, photo, "-k", k, "--json")[1])["matches"] == everything[:k]


def test_a_least_similarity_leaves_out_the_rest(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = base / "photos" / "1 0.jpg"
    everything = json.loads(run(capsys, base, photo, "--json")[1])["matches"]
    least = sorted(match["similarity"] for match in everything)[5] + 1e-5
    found = json.loads(run(capsys, base, photo, "--min-similarity", least, "--json")[1])["matches"]
    assert found == [match for match in everything if match["similarity"] >= least]
    assert len(found) == len(everything) - 6


def test_nothing_similar_is_a_sentence(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = base / "photos" / "1 0.jpg"
    arguments = ["similar", str(photo), "--min-similarity", "1", "--library", str(base / "library")]
    assert main(arguments) == 0
    assert capsys.readouterr() == ("", "No similar photos found.\n")


def test_all_searches_by_every_photo_as_one_search_does(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = run(capsys, base, "--all", "-k", 4)
    assert status == 0
    found = lines(out)
    assert [line["query"] for line in found] == sorted(map(str, (base / "photos").iterdir()))
    for line in found:
        assert line.keys() == {"query", "matches"}
        assert (
            line["matches"] == json.loads(run(capsys, base, line["query"], "-k", 4, "--json")[1])["matches"]
        )


def test_all_says_which_photos_cannot_be_searched_by(
    tmp_path: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(base / "library", tmp_path / "library")
    library = Library.open(tmp_path / "library")
    lost = library.photos()[2]
    library._catalog.database.db.execute("DELETE FROM embeddings WHERE photo_id = ?", (lost.photo_id,))
    library._catalog.database.db.conn.commit()
    library.close()
    status, out = run(capsys, tmp_path, "--all", "-k", 1)
    assert status == 1
    found = lines(out)
    assert len(found) == SCENES * TAKES + 1
    assert [line["query"] for line in found if "error" in line] == [lost.path]
    assert "Rescan" in next(line["error"] for line in found if "error" in line)


def test_each_goes_on_after_a_file_that_cannot_be_read(
    tmp_path: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = Path(shutil.copy(base / "photos" / "2 1.jpg", tmp_path / "outside.jpg"))
    (tmp_path / "note.jpg").write_text("no photo")
    photos = [base / "photos" / "0 1.jpg", tmp_path / "note.jpg", tmp_path / "nowhere.jpg", outside]
    status, out = run(capsys, base, "--each", *photos, "-k", 2)
    assert status == 1
    first, note, nowhere, last = lines(out)
    assert [line["query"] for line in (first, note, nowhere, last)] == list(map(str, photos))
    assert first["matches"] == json.loads(run(capsys, base, photos[0], "-k", 2, "--json")[1])["matches"]
    assert note.keys() == nowhere.keys() == {"query", "error"}
    assert last["matches"][0]["path"] == str(base / "photos" / "2 1.jpg")
    assert last["matches"][0]["band"] == "same_photo"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--each"],
        ["--all", "a.jpg"],
        ["--all", "--each", "a.jpg"],
        ["--all", "--region", "0,0,1,1"],
        ["--each", "a.jpg", "--more", "b.jpg"],
        ["--all", "--less", "b.jpg"],
        ["a.jpg", "--min-similarity", "1.5"],
        ["a.jpg", "--min-similarity", "nan"],
        ["a.jpg", "--min-similarity", "much"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["similar", *arguments, "--library", str(tmp_path)])
    assert stop.value.code == 2
    assert list(tmp_path.iterdir()) == []
