"""Arguments and situations that no command expects: each gets its sentence, and none a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim import paths
from photosim.cli import main as cli
from photosim.cli.main import main
from photosim.paths import printable
from tests.support.images import make_photo

ROOT = Path(__file__).resolve().parents[2]
POSIX = pytest.mark.skipif(os.name != "posix", reason="closed and full streams, links and names of POSIX")
EMPTY = [
    ["--library", "", "status"],
    ["status", "--library="],
    [""],
    ["index", ""],
    ["index", "photos", ""],
    ["similar", ""],
    ["similar", "photo.jpg", "--more", ""],
    ["similar", "photo.jpg", "--less", ""],
    ["find", ""],
    ["find", " "],
    ["export", ""],
    ["forget-missing", ""],
    ["move-source", "", "photos"],
    ["move-source", "photos", ""],
    ["models", "get", ""],
    ["models", "add", ""],
    ["models", "use", ""],
    ["worker", ""],
]


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two photos, indexed into a library beside it."""
    base = tmp_path_factory.mktemp("situations")
    for seed in range(2):
        make_photo(base / "photos" / f"{seed}.jpg", seed)
    assert main(["index", str(base / "photos"), "--library", str(base / "library")]) == 0
    return base


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return status, captured.out, captured.err


def run_with_streams(base: Path, redirections: str, *arguments: object) -> tuple[int, str]:
    """Run the program by a shell with redirections; returns the exit status and what reached standard error."""
    command = f'"$@" {redirections}'
    program = [sys.executable, ROOT / "main.py", "--library", base / "library", *arguments]
    shell = ["sh", "-c", command, "sh", *map(str, program)]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("arguments", EMPTY, ids=" ".join)
def test_an_empty_name_is_refused(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert re.search("the (name|word) is empty", capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["map", "--png", "FILE"],
        ["pick", "1", "--sheet", "FILE"],
        ["info", "PHOTO", "--thumbnail", "FILE"],
        ["info", "PHOTO", "--view", "FILE"],
        ["export", "FILE"],
        ["collections", "export", "FILE"],
        ["duplicates", "--verdicts", "FILE"],
    ],
    ids=" ".join,
)
def test_a_file_to_write_is_not_named_as_one_of_another_kind(
    arguments: list[str], indexed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = ["--library", str(indexed / "library")]
    given = {"PHOTO": indexed / "photos" / "0.jpg"}
    for name, is_refused in (("file.jpg", True), ("file.txt", True), ("file", False)):
        file = tmp_path / name
        line = [str({**given, "FILE": file}.get(word, word)) for word in arguments]
        if is_refused:
            with pytest.raises(SystemExit) as stop:
                main([*line, *library])
            assert stop.value.code == 2
            assert f"{name}: the name must end in ." in capsys.readouterr().err
        else:
            assert main([*line, *library]) == 0
        assert file.exists() != is_refused


@pytest.mark.parametrize("count", [3, 10**6, 2**31, 2**63 - 1, 10**30])
def test_more_results_than_photos_are_all_photos(
    count: int, indexed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = ["--library", indexed / "library"]
    photos = [indexed / "photos" / f"{seed}.jpg" for seed in range(2)]
    status, out, _ = run(capsys, "similar", photos[0], "-k", count, *library)
    assert (status, out.split()[-1:]) == (0, [str(photos[1])])
    status, out, _ = run(capsys, "similar", photos[0], "--more", photos[1], "-k", count, *library)
    assert (status, out) == (0, "")


@pytest.mark.parametrize("count", ["0", "-1", "1.5", "many", "9" * 5000])
def test_a_count_that_is_none_is_refused(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["similar", "photo.jpg", "-k", count])
    assert stop.value.code == 2
    assert "must be" in capsys.readouterr().err


@POSIX
@pytest.mark.parametrize("name", ["loop", "loop/photo", "x" * 5000])
@pytest.mark.parametrize(
    "arguments",
    [
        ["index", "NAME"],
        ["NAME"],
        ["similar", "NAME"],
        ["similar", "PHOTO", "--more", "NAME"],
        ["--library", "NAME", "status"],
        ["--library", "NAME", "repair"],
        ["export", "NAME"],
        ["models", "add", "NAME"],
        ["forget-missing", "NAME"],
        ["move-source", "NAME", "PHOTOS"],
        ["move-source", "PHOTOS", "NAME"],
    ],
    ids=" ".join,
)
def test_a_path_that_leads_nowhere_is_a_sentence(
    name: str,
    arguments: list[str],
    indexed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(cli, "_has_display", lambda: False)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    photos = indexed / "photos"
    given = {"NAME": tmp_path / name, "PHOTO": photos / "0.jpg", "PHOTOS": photos}
    status, out, err = run(
        capsys, "--library", indexed / "library", *(given.get(word, word) for word in arguments)
    )
    assert (status, out) == (1, "")
    assert len(err.replace("No display found, so the window can't be opened.\n", "").splitlines()) == 1


@POSIX
@pytest.mark.parametrize(
    "redirections", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2>/dev/full", "<&- >&- 2>/dev/full"]
)
def test_closed_streams_stop_no_command(redirections: str, indexed: Path) -> None:
    status, _ = run_with_streams(indexed, redirections, "status")
    assert status == 0
    status, _ = run_with_streams(indexed, redirections, "index", indexed / "photos")
    assert status == 0


@POSIX
@pytest.mark.parametrize(
    "arguments", [["status"], ["status", "--json"], ["models"], ["--help"], ["--version"]]
)
def test_a_full_disk_behind_the_output_is_a_sentence(arguments: list[str], indexed: Path) -> None:
    status, err = run_with_streams(indexed, ">/dev/full", *arguments)
    assert status == 1
    assert err.startswith("The output can't be written: ")


@POSIX
@pytest.mark.parametrize("redirections", [">&-", ">/dev/full", "<&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("worker", ["worker", "photo-worker"])
def test_a_worker_without_streams_ends(redirections: str, worker: str, indexed: Path) -> None:
    _, err = run_with_streams(indexed, redirections, worker)
    assert err == ""


def test_an_unexpected_error_is_a_sentence_with_a_report(
    indexed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> int:
        raise ZeroDivisionError("secret of the code")

    monkeypatch.setattr("photosim.cli.library._status_lines", fail)
    status, out, err = run(capsys, "status", "--library", indexed / "library")
    assert (status, out) == (1, "")
    sentence, report = err.rstrip("\n").split(" A report was saved: ")
    assert sentence == "An unexpected error occurred (ZeroDivisionError: secret of the code)."
    text = Path(report).read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "_status_lines" in text
    if os.name == "posix":
        assert Path(report).stat().st_mode & 0o077 == 0


def test_old_reports_are_deleted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_run", lambda _: 1 // 0)
    for _ in range(25):
        run(capsys)
    assert len(list(paths.reports_folder().iterdir())) == 20


@POSIX
def test_without_a_place_for_reports_there_is_a_sentence_still(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paths, "reports_folder", lambda: Path("/dev/null/reports"))
    monkeypatch.setattr("tempfile.mkstemp", lambda *_: os.open("/dev/null/nothing", os.O_RDONLY))
    monkeypatch.setattr(cli, "_run", lambda _: 1 // 0)
    assert "No report could be saved." in run(capsys)[2]


def test_control_characters_in_arguments_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["status", "--\x1b[31mred"])
    assert r"--\x1b[31mred" in capsys.readouterr().err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), RecursionError("too deep")])
def test_no_error_is_a_traceback(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_run", fail)
    status, _, err = run(capsys)
    assert status == 1
    assert len(err.splitlines()) == 1


@POSIX
def test_control_characters_in_names_are_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\x1b[31m\n\u202egpj.jpg"
    make_photo(tmp_path / "photos" / "0.jpg", 0)
    (tmp_path / "photos" / "0.jpg").rename(tmp_path / "photos" / name)
    (tmp_path / "photos" / f"b{name}").write_bytes(b"")
    make_photo(tmp_path / "photos" / "query.jpg", 0, variant=1)
    library = ["--library", tmp_path / "library"]
    output = "".join(run(capsys, "index", tmp_path / "photos", *library)[1:])
    for arguments in (["status"], ["similar", tmp_path / "photos" / "query.jpg"], ["clusters"]):
        output += run(capsys, *arguments, *library)[1]
    output += run(capsys, "index", tmp_path / f"no{name}", *library)[2]
    output += run(capsys, "similar", tmp_path / f"no{name}", *library)[2]
    assert output.count(r"a\x1b[31m\n\u202egpj.jpg") >= 4
    assert "\x1b" not in output
    assert "\u202e" not in output
    assert all("gpj" not in line or "photos" in line or "no" in line for line in output.splitlines())


@given(st.text())
def test_printable_text_has_no_control_characters(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char in "\u2028\u202e" for char in shown)
    assert text != shown or text.splitlines() in ([text], [])


@pytest.mark.skipif(sys.platform != "linux", reason="the current folder can be deleted there")
@pytest.mark.parametrize("arguments", [["index", "."], ["info", "a.jpg"], ["--library", "lib", "status"]])
def test_a_relative_path_in_a_deleted_folder_is_refused(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "the current folder no longer exists" in capsys.readouterr().err


@POSIX
def test_index_names_folders_that_are_too_deep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photos").mkdir()
    monkeypatch.chdir(tmp_path / "photos")
    for _ in range(80):
        os.mkdir("e" * 60)  # noqa: PTH102 - the whole path is too long
        os.chdir("e" * 60)
    monkeypatch.chdir(tmp_path)
    status, _, err = run(capsys, "index", tmp_path / "photos", "--library", tmp_path / "library")
    assert status == 0
    assert "eee: The folder can't be read: " in err
    assert "eee: The folder can't be read: " in run(capsys, "status", "--library", tmp_path / "library")[1]


@POSIX
def test_a_pipe_in_the_place_of_the_log_holds_nothing_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "library").mkdir()
    os.mkfifo(tmp_path / "library" / "photosim.log")
    assert run(capsys, "status", "--library", tmp_path / "library")[0] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there are no such names")
def test_json_and_lines_name_files_of_any_bytes(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    for seed, name in enumerate((b"a\xff.jpg", b"a\xef\xbf\xbd.jpg", b"a.jpg")):
        make_photo(tmp_path / "new.jpg", seed).rename(folder / os.fsdecode(name))
    library = ["--library", str(tmp_path / os.fsdecode(b"library\xe9"))]
    program = [sys.executable, "-m", "photosim"]
    environment = {**os.environ, "PYTHONUTF8": "1"}

    def run(*arguments: str) -> bytes:
        command = [*program, *library, *arguments]
        return subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=environment).stdout

    run("index", str(folder))
    [source] = json.loads(run("status", "--json"))["folders"]
    assert os.fsencode(source["path"]) == os.fsencode(folder)
    similar = json.loads(run("similar", str(folder / os.fsdecode(b"a\xff.jpg")), "--json"))
    assert os.fsencode(similar["query"]) == os.fsencode(folder) + b"/a\xff.jpg"
    names = {os.fsencode(Path(match["path"]).name) for match in similar["matches"]}
    assert names == {b"a\xef\xbf\xbd.jpg", b"a.jpg"}
    assert os.fsencode(folder) + b"/a\xff.jpg" in run("similar", str(folder / "a.jpg"))
    assert [path.name for path in tmp_path.glob("library*")] == ["library\udce9"]
