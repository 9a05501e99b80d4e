"""What a killed operation left is finished or taken back at the next start."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from photosim.files.operations import journal
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.journal import OperationJournal, recover_operations
from photosim.files.operations.operation_log import MovedFile
from photosim.files.operations.transfer import transfer
from tests.support.photo_folders import photo_files


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    ("kind", "two_drives", "renames"),
    [
        ("move", False, "exclusive"),
        ("move", True, "placeholder"),
        ("trash", False, "link"),
        ("undo trash", False, "link"),
        ("undo copy", False, "placeholder"),
        ("replace", False, "exclusive"),
        ("undo replace", False, "link"),
    ],
)
def test_an_operation_that_is_killed_leaves_nothing_behind(
    tmp_path: Path, kind: str, two_drives: bool, renames: str
) -> None:
    # At every fifth step; `python -m tests.kill_operations --steps` tries all. In a process without threads, which can be forked.
    script = (
        "import sys; from pathlib import Path; from tests.kill_operations import count_steps; "
        "print(count_steps(Path(sys.argv[1]), sys.argv[2], "
        "two_drives=sys.argv[3] == 'True', renames=sys.argv[4], stride=5))"
    )
    arguments = [sys.executable, "-c", script, str(tmp_path), kind, str(two_drives), renames]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 3, "it has steps"


@contextmanager
def killed(library: Path) -> Iterator[OperationJournal]:
    """A journal that is there as after a kill when the block has ended."""
    log = OperationJournal(library)
    yield log
    [path] = library.glob("operations/*.journal")
    content = path.read_bytes()
    log.__exit__(None, None, None)
    path.write_bytes(content)


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name in ("library", "source", "target"):
        (tmp_path / name).mkdir()
    (tmp_path / "source" / "x.jpg").write_bytes(b"mine")
    return tmp_path


def recover(folders: Path) -> list[MovedFile]:
    recorded: list[MovedFile] = []
    recover_operations(folders / "library", lambda _kind, files: recorded.extend(files))
    return recorded


def move(folders: Path, log: OperationJournal) -> None:
    photo = photo_files(folders / "source" / "x.jpg")
    transfer([photo], folders / "target", TransferProgress(), move=True, log=log)


def test_what_was_done_before_a_kill_is_recorded_once(folders: Path) -> None:
    with killed(folders / "library") as log:
        move(folders, log)
    [moved] = recover(folders)
    assert (moved.old, moved.entry.path) == (
        str(folders / "source" / "x.jpg"),
        str(folders / "target" / "x.jpg"),
    )
    assert recover(folders) == []
    assert list((folders / "library" / "operations").iterdir()) == []


def test_an_operation_that_is_running_is_not_touched(folders: Path) -> None:
    with OperationJournal(folders / "library") as log:
        move(folders, log)
        assert recover(folders) == []
        assert len(list((folders / "library" / "operations").iterdir())) == 2
    assert list((folders / "library" / "operations").iterdir()) == []


def test_an_operation_on_a_drive_that_is_away_waits_for_it(folders: Path) -> None:
    with killed(folders / "library") as log:
        move(folders, log)
    (folders / "target").rename(folders / "away")
    assert recover(folders) == []
    (folders / "away").rename(folders / "target")
    assert len(recover(folders)) == 1


def test_a_journal_that_is_damaged_costs_nothing(folders: Path) -> None:
    with killed(folders / "library") as log:
        move(folders, log)
    [path] = (folders / "library" / "operations").glob("*.journal")
    whole = path.read_bytes()
    for content in (
        b"",
        b"\xff\x00",
        b"[]\n",
        b'{"begin": 1}\n',
        b'{"copied": 7, "states": {}}\n',
        whole[:-30],
    ):
        path.write_bytes(content)
        recover(folders)
        assert (folders / "target" / "x.jpg").read_bytes() == b"mine"
        assert not path.exists()


def test_a_part_that_is_none_of_ours_stays(folders: Path) -> None:
    own = folders / "target" / ".photosim-0123456789abcdef0123456789abcdef.part"
    other = folders / "target" / "precious.jpg"
    for path in (own, other):
        path.write_bytes(b"content")
    with killed(folders / "library") as log:
        log.part(str(own))
        log.part(str(other))
    recover(folders)
    assert other.exists()
    assert not own.exists()


def test_names_that_are_not_utf8_come_back_from_a_journal(folders: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        (folders / "source" / name).write_bytes(b"mine")
    except OSError:
        pytest.skip("this drive stores only names in UTF-8")
    with killed(folders / "library") as log:
        photo = photo_files(folders / "source" / name)
        transfer([photo], folders / "target", TransferProgress(), move=True, log=log)
    assert [moved.entry.path for moved in recover(folders)] == [str(folders / "target" / name)]


def test_after_months_nobody_waits_for_a_drive(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with killed(folders / "library") as log:
        move(folders, log)
    (folders / "target").rename(folders / "away")
    monkeypatch.setattr(journal, "_MAX_AGE_S", -1.0)
    recover(folders)
    assert list((folders / "library" / "operations").iterdir()) == []
