"""The command line, as a user or a script calls it."""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from photosim import __version__
from photosim.cli.main import _MODULES, INTERNAL_COMMANDS, _parser, main
from tests.support.images import make_scene
from tests.support.photo_folders import make_photos

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A library and the folder that it was made from: 12 photos and one broken file."""
    base = tmp_path_factory.mktemp("cli")
    make_photos(base / "photos", 12)
    (base / "photos" / "broken.jpg").write_bytes(b"")
    assert main(["index", str(base / "photos"), "--library", str(base / "library")]) == 0
    return base / "library", base / "photos"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_similar_prints_the_documented_json(
    indexed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    library, photos = indexed
    query = sorted(photos.glob("*.jpg"))[1]
    status, out, _ = run(capsys, "similar", query, "-k", 5, "--json", "--library", library)
    result = json.loads(out)
    assert status == 0
    assert set(result) == {"query", "model", "matches"}
    assert result["query"] == str(query)
    assert len(result["matches"]) == 5
    assert str(query) not in [match["path"] for match in result["matches"]]
    scores = [match["score"] for match in result["matches"]]
    assert scores == sorted(scores, reverse=True)
    assert all(match.keys() == {"path", "similarity", "score", "band"} for match in result["matches"])


def test_similar_accepts_an_image_that_is_not_in_the_library(
    indexed: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, photos = indexed
    member = sorted(photos.glob("photo*.jpg"))[0]
    copy = tmp_path / "elsewhere.jpg"
    copy.write_bytes(member.read_bytes())
    _, out, _ = run(capsys, "similar", copy, "-k", 1, "--json", "--library", library)
    [best] = json.loads(out)["matches"]
    assert best["path"] == str(member)
    assert best["similarity"] > 0.999


def test_clusters_prints_the_documented_json(
    indexed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    library, _ = indexed
    status, out, _ = run(capsys, "clusters", "--json", "--library", library)
    result = json.loads(out)
    assert status == 0
    assert set(result) == {"clusters", "unclustered"}
    sizes = [cluster["size"] for cluster in result["clusters"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) + result["unclustered"] == 12
    for cluster in result["clusters"]:
        assert set(cluster) == {"id", "name", "size", "medoid", "photos"}
        assert cluster["medoid"] in cluster["photos"]
        assert cluster["size"] == len(cluster["photos"])


def test_status_prints_the_documented_json(
    indexed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    library, photos = indexed
    status, out, _ = run(capsys, "status", "--json", "--library", library)
    result = json.loads(out)
    assert status == 0
    assert set(result) == {
        "photos",
        "embedded",
        "folders",
        "unreadable",
        "model",
        "dimensions",
        "next_model",
        "next_embedded",
        "raw_pairs",
        "videos",
        "search_is_exact",
        "excluded",
    }
    assert (result["photos"], result["embedded"]) == (12, 12)
    [broken] = result["unreadable"]
    assert broken["path"] == str(photos / "broken.jpg")
    assert "empty" in broken["reason"]
    assert result["folders"] == [
        {"path": str(photos), "photos": 12, "online": True, "missing": 0, "watched": True}
    ]


def test_the_library_may_be_named_before_the_command_or_after_it(
    indexed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    library, _ = indexed
    after = run(capsys, "status", "--json", "--library", library)
    assert run(capsys, "--library", library, "status", "--json") == after
    assert run(capsys, f"--library={library}", "status", "--json") == after


def test_export_writes_paths_unit_vectors_and_the_model(
    indexed: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, photos = indexed
    status, out, _ = run(capsys, "export", tmp_path / "all.npz", "--library", library)
    assert (status, out) == (0, "")
    with np.load(tmp_path / "all.npz") as exported:
        assert list(exported["paths"]) == [str(path) for path in sorted(photos.glob("photo*.jpg"))]
        assert exported["embeddings"].dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(exported["embeddings"], axis=1), 1, atol=1e-5)
        _, status_out, _ = run(capsys, "status", "--json", "--library", library)
        assert str(exported["model"]) == json.loads(status_out)["model"]
        assert exported["embeddings"].shape[1] == json.loads(status_out)["dimensions"]


def test_export_replaces_only_an_earlier_export_unless_it_is_forced(
    indexed: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, _ = indexed
    file, other = tmp_path / "all.npz", tmp_path / "other.npz"
    for _ in range(2):
        assert run(capsys, "export", file, "--library", library)[0] == 0
    other.write_bytes(b"no export")
    status, _, err = run(capsys, "export", other, "--library", library)
    assert (status, "--force" in err) == (1, True)
    assert other.read_bytes() == b"no export"
    file.write_bytes(b"no export")
    assert run(capsys, "export", file, "--force", "--library", library)[0] == 0
    status, _, err = run(capsys, "export", library / "mine.npz", "--force", "--library", library)
    assert (status, "Choose another folder" in err) == (1, True)


def test_output_goes_to_stdout_and_progress_to_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_photos(tmp_path / "photos", 2)
    status, out, err = run(capsys, "index", tmp_path / "photos", "--library", tmp_path / "library")
    assert (status, out) == (0, "")
    assert "2 photos indexed" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["index", "nowhere"], "does not exist"),
        (["similar", "nowhere.jpg"], "nowhere.jpg"),
    ],
)
def test_a_failure_says_why_and_exits_with_1(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *arguments, "--library", tmp_path / "library")
    assert (status, out) == (1, "")
    assert sentence in err
    assert "Traceback" not in err


def test_a_file_that_is_not_a_library_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "library.db").write_bytes(b"somebody else's notes" * 20)
    status, _, err = run(capsys, "status", "--library", tmp_path)
    assert status == 1
    assert "not a PhotoSim library" in err


@pytest.mark.parametrize(
    "arguments", [["similar"], ["status", "--nonsense"], ["similar", "a.jpg", "-k", "0"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "guess"),
    [(["indx"], "index"), (["Similar"], "similar"), (["stauts", "--json"], "status"), (["holiday"], None)],
)
def test_a_mistyped_command_is_refused_with_the_list_of_commands(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    guess: str | None,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["--library", str(tmp_path / "library"), *arguments])
    error = capsys.readouterr().err
    assert stop.value.code == 2
    assert f"unknown command “{arguments[0]}”" in error
    assert ("Did you mean" in error) == (guess is not None)
    assert guess is None or f"“{guess}”?" in error
    assert "clusters, collections, compare, duplicates, events, export" in error
    assert "worker" not in error, "an internal command"
    assert not (tmp_path / "library").exists()


@pytest.mark.parametrize("path", ["indx", "./indx", "missing/indx", "indx.jpg"])
def test_a_path_is_no_mistyped_command(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if path == "indx":
        (tmp_path / path).mkdir()
    opened: list[argparse.Namespace] = []
    monkeypatch.setattr("photosim.cli.main._gui", lambda arguments: opened.append(arguments) or 0)
    assert main([path]) == 0
    assert [arguments.paths for arguments in opened] == [[Path(path)]]
    assert capsys.readouterr().err == ""


def test_one_photo_is_counted_in_the_singular(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_photos(tmp_path / "photos", 1)
    option = ["--library", tmp_path / "library"]
    output = ""
    for arguments in (
        ["index", tmp_path / "photos"],
        ["clusters"],
        ["status"],
        ["export", tmp_path / "all.npz"],
    ):
        _, out, err = run(capsys, *arguments, *option)
        output += out + err
    assert "1 photo indexed" in output
    assert "Ungrouped: 1 photo\n" in output
    assert "the embeddings of 1 photo to" in output
    assert "1 photos" not in output


def test_without_a_display_the_folder_is_indexed_and_summarized(tmp_path: Path) -> None:
    make_photos(tmp_path / "photos", 3)
    make_scene(5).save(tmp_path / "photos" / "cut.jpg")
    whole = (tmp_path / "photos" / "cut.jpg").read_bytes()
    (tmp_path / "photos" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    if sys.platform != "linux":
        pytest.skip("Windows and macOS always have a display")
    done = subprocess.run(
        [sys.executable, ROOT / "main.py", tmp_path / "photos", "--library", tmp_path / "library"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "No display" in done.stderr
    assert "3 photos, 1 unreadable" in done.stdout
    assert "cut.jpg: " in done.stdout
    assert "photosim" in done.stdout


@pytest.mark.parametrize("start", [[str(ROOT / "main.py")], ["-m", "photosim"]])
def test_every_way_to_start_is_the_same_program(start: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *start, "--version"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == f"PhotoSim {__version__}\n"


@pytest.mark.parametrize("module", list(_MODULES))
def test_each_module_adds_the_commands_for_which_it_is_imported(module: str) -> None:
    assert _parser([module]).get_default("command_names") == {
        *_MODULES[module],
        *INTERNAL_COMMANDS,
        "gui",
    }


def test_every_module_with_commands_is_known() -> None:
    folder = ROOT / "photosim" / "cli"
    adding = {file.stem for file in folder.glob("*.py") if "def add_to(" in file.read_text(encoding="utf-8")}
    assert adding == set(_MODULES)


@pytest.mark.parametrize("options", [["--library", "elsewhere"], ["--library=elsewhere"]])
def test_options_may_stand_before_the_command(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*options, "status"]) == 0
    assert capsys.readouterr().out.startswith(f"Library: {tmp_path / 'elsewhere'}")


def test_the_version_is_told_without_what_other_commands_need() -> None:
    program = """
import sys
from photosim.cli.main import main
try:
    main(["--version"])
except SystemExit:
    print(sorted({"psutil", "numpy", "sqlite3", "socket", "photosim.records"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["[]"]


def test_the_documentation_names_every_command() -> None:
    text = (ROOT / "photosim" / "cli" / "README.md").read_text(encoding="utf-8")
    commands = _parser().get_default("command_names")
    assert [name for name in commands if not re.search(rf"`(photosim \[)?{name}\b", text)] == []
