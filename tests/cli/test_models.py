"""The command `models`."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosim import paths
from photosim.cli.main import main
from photosim.library import Library
from photosim.ml.models.catalog import DEFAULT, FINE
from tests.support.checkpoints import PickledCall, save_checkpoint
from tests.support.model_server import ModelServer, patch_catalog, run_server
from tests.support.photo_folders import make_photos


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def server(best: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A server that offers yolo11n-cls."""
    content = best.read_bytes()
    with run_server() as server:
        server.files["yolo11n-cls.pt"] = content
        digest = hashlib.sha256(content).hexdigest()
        patch_catalog(monkeypatch, server.address, "yolo11n-cls", digest, len(content))
        yield server


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def listed(capsys: pytest.CaptureFixture[str], library: Path) -> dict[str, dict[str, object]]:
    status, out, _ = run(capsys, "models", "--json", "--library", library)
    assert status == 0
    return {model["id"]: model for model in json.loads(out)["models"]}


def test_the_models_are_listed_in_the_documented_json(
    capsys: pytest.CaptureFixture[str], library: Path
) -> None:
    models = listed(capsys, library)
    assert list(models)[:3] == [DEFAULT.id, FINE.id, "yolo11n-cls-10-mean-224"]
    assert models[DEFAULT.id] == {
        "name": "yolo11n-coco",
        "id": DEFAULT.id,
        "title": "YOLO11n (COCO)",
        "description": DEFAULT.description,
        "included": True,
        "dimensions": 512,
        "bytes": 7412237,
        "installed": True,
        "in_use": True,
        "next": False,
        "seen": 0,
    }
    fine = models[FINE.id]
    assert (fine["name"], fine["included"], fine["installed"], fine["in_use"]) == ("fine", True, True, False)
    others = [model for id_, model in models.items() if id_ not in {DEFAULT.id, FINE.id}]
    assert not any(model["installed"] or model["in_use"] for model in others)
    assert [model["bytes"] is None for model in others] == [False, True, True, False, False]


def test_fine_is_chosen_by_its_short_name_and_said_to_be_slower(
    capsys: pytest.CaptureFixture[str], library: Path
) -> None:
    status, _, err = run(capsys, "models", "use", "fine", "--library", library)
    assert (status, listed(capsys, library)[FINE.id]["in_use"]) == (0, True)
    assert f"Now using {FINE.title}." in err
    assert "Indexing takes about a quarter longer." in err


def test_the_list_shows_the_model_in_use_and_how_to_get_others(
    capsys: pytest.CaptureFixture[str], library: Path
) -> None:
    status, out, err = run(capsys, "models", "--library", library)
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert lines[0].split() == ["MODEL", "TITLE", "DIMENSIONS", "SIZE", "ANALYZED"]
    assert " ".join(lines[1].split()) == "* yolo11n-coco YOLO11n (COCO) 512 7.4 MB 0 included"
    assert " ".join(lines[2].split()) == f"fine {FINE.title} 768 14.8 MB 0 included"
    assert " ".join(lines[3].split()).endswith("5.8 MB 0 photosim models get yolo11n-cls")
    assert "unknown" in lines[4]


def index(library: Path, folder: Path) -> None:
    """Index in this process: a child process would not know the catalog of the test."""
    opened = Library.open(library)
    for _ in opened.index([folder]):
        pass
    opened.close()


def test_a_model_is_downloaded_chosen_used_and_removed(
    capsys: pytest.CaptureFixture[str], library: Path, server: ModelServer, tmp_path: Path
) -> None:
    make_photos(tmp_path / "photos", 3)
    status, out, err = run(capsys, "models", "get", "yolo11n-cls")
    assert (status, out) == (0, "")
    assert "photosim models use yolo11n-cls" in err
    index(library, tmp_path / "photos")
    status, _, err = run(capsys, "models", "use", "yolo11n-cls", "--library", library)
    assert status == 0
    assert "has analyzed 0 of 3 photos" in err
    assert "Until then YOLO11n (COCO) is used" in err
    _, out, _ = run(capsys, "status", "--json", "--library", library)
    assert json.loads(out)["model"] == DEFAULT.id
    assert (json.loads(out)["next_model"], json.loads(out)["next_embedded"]) == ("yolo11n-cls-10-mean-224", 0)
    _, out, _ = run(capsys, "status", "--library", library)
    assert "Next model: yolo11n-cls-10-mean-224 (0 of 3 photos analyzed)" in out
    assert "\n→  yolo11n-cls " in run(capsys, "models", "--library", library)[1]
    index(library, tmp_path / "photos")
    _, out, _ = run(capsys, "similar", tmp_path / "photos" / "photo-000.jpg", "--json", "--library", library)
    assert json.loads(out)["model"] == "yolo11n-cls-10-mean-224"
    assert len(json.loads(out)["matches"]) == 2
    _, _, err = run(capsys, "models", "use", "yolo11n-cls", "--library", library)
    assert "has analyzed" not in err
    status, _, err = run(capsys, "models", "remove", "yolo11n-cls", "--library", library)
    assert status == 1
    assert "in use" in err
    run(capsys, "models", "use", "yolo11n-coco", "--library", library)
    assert run(capsys, "models", "remove", "yolo11n-cls", "--library", library)[0] == 0
    assert not listed(capsys, library)["yolo11n-cls-10-mean-224"]["installed"]
    status, _, err = run(capsys, "models", "drop", "yolo11n-cls", "--library", library)
    assert (status, err) == (0, "Deleted its analysis data of 3 photos.\n")
    assert listed(capsys, library)["yolo11n-cls-10-mean-224"]["seen"] == 0
    assert run(capsys, "models", "drop", "yolo11n-coco", "--library", library)[0] == 1


def test_a_script_can_follow_a_download(capsys: pytest.CaptureFixture[str], server: ModelServer) -> None:
    status, out, _ = run(capsys, "models", "get", "yolo11n-cls", "--json")
    reports = [json.loads(line) for line in out.splitlines()]
    size = len(server.files["yolo11n-cls.pt"])
    assert status == 0
    assert reports[-1] == {"bytes": size, "of": size}
    assert len(reports) > 2


def test_nothing_is_downloaded_without_being_asked_for(
    capsys: pytest.CaptureFixture[str], library: Path, server: ModelServer
) -> None:
    listed(capsys, library)
    assert run(capsys, "models", "use", "yolo11n-cls", "--library", library)[0] == 1
    assert server.starts == []


def test_an_unknown_checksum_is_mentioned(
    capsys: pytest.CaptureFixture[str], server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch_catalog(monkeypatch, server.address, "yolo11n-cls", None, None)
    _, _, err = run(capsys, "models", "get", "yolo11n-cls")
    assert "only its structure was checked" in err


def test_a_failed_download_says_where_to_put_the_file(
    capsys: pytest.CaptureFixture[str], server: ModelServer
) -> None:
    server.files.clear()
    status, out, err = run(capsys, "models", "get", "yolo11n-cls")
    assert (status, out) == (1, "")
    assert "404" in err
    assert f"into the folder {paths.models_folder()} under the name yolo11n-cls.pt" in err


def test_an_own_model_is_added_by_file_and_named_on_standard_output(
    capsys: pytest.CaptureFixture[str], library: Path, best: Path
) -> None:
    status, out, err = run(capsys, "models", "add", best)
    name = out.strip()
    assert status == 0
    assert "best (YOLO11n) is ready" in err
    assert run(capsys, "models", "use", name, "--library", library)[0] == 0
    assert listed(capsys, library)[f"{name}-10-mean-64"]["in_use"]


def test_the_other_embedding_of_a_model_is_listed_while_it_is_in_use(
    capsys: pytest.CaptureFixture[str], library: Path, best: Path
) -> None:
    name = run(capsys, "models", "add", best)[1].strip()
    other = f"{name}-9-mean-64"
    assert other not in listed(capsys, library)
    assert run(capsys, "models", "use", other, "--library", library)[0] == 0
    assert (listed(capsys, library)[other]["dimensions"], listed(capsys, library)[other]["in_use"]) == (
        256,
        True,
    )
    _, out, _ = run(capsys, "models", "--library", library)
    assert f"*  {other}" in out


@pytest.mark.parametrize("arguments", [[action, "yolo99"] for action in ("get", "use", "remove", "drop")])
def test_an_unknown_model_is_refused_with_the_known_ones(
    capsys: pytest.CaptureFixture[str], library: Path, arguments: list[str]
) -> None:
    status, _, err = run(capsys, "models", *arguments, "--library", library)
    assert status == 1
    assert "yolo11n-cls" in err


def test_a_hostile_file_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    hostile = save_checkpoint(tmp_path / "hostile.pt", PickledCall(os.system, "exit 1"))
    status, out, err = run(capsys, "models", "add", hostile)
    assert (status, out) == (1, "")
    assert "wasn't opened" in err
