"""The crash journal finds the photo that crashes the program, and blames no other."""

import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from photosim.runtime.crash_journal import CrashJournal


def die(folder: Path, body: str) -> None:
    """Run `body` with a journal in a child process that it crashes."""
    program = "import os, signal\nfrom pathlib import Path\nfrom photosim.runtime.crash_journal import CrashJournal\n"
    program += (
        f"journal = CrashJournal(Path({str(folder)!r}))\njournal.enable_crash_log()\n{textwrap.dedent(body)}"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode != 0


CRASH = "os.abort()"
KILL = "os.kill(os.getpid(), signal.SIGKILL)" if sys.platform != "win32" else "os._exit(9)"


def test_after_a_clean_end_nobody_is_suspected(tmp_path: Path) -> None:
    journal = CrashJournal(tmp_path)
    with journal.reading("a.jpg"):
        pass
    journal.close()
    assert CrashJournal(tmp_path).suspects == ()


def test_after_a_crash_the_photos_being_read_are_suspects_and_not_blamed(tmp_path: Path) -> None:
    die(tmp_path, f"with journal.reading('a.jpg'), journal.reading('b.jpg'): {CRASH}")
    journal = CrashJournal(tmp_path)
    assert journal.suspects == ("a.jpg", "b.jpg")
    assert not journal.is_blamed("a.jpg")


def test_a_photo_alone_at_a_crash_is_blamed(tmp_path: Path) -> None:
    die(tmp_path, f"with journal.reading('a.jpg', alone=True): {CRASH}")
    journal = CrashJournal(tmp_path)
    assert journal.suspects == ("a.jpg",)
    assert journal.is_blamed("a.jpg")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_photo_alone_when_the_program_was_killed_is_blamed_only_the_second_time(tmp_path: Path) -> None:
    die(tmp_path, f"with journal.reading('a.jpg', alone=True): {KILL}")
    journal = CrashJournal(tmp_path)
    assert journal.suspects == ("a.jpg",)
    assert not journal.is_blamed("a.jpg")
    journal.close()
    die(tmp_path, f"with journal.reading('a.jpg', alone=True): {KILL}")
    assert CrashJournal(tmp_path).is_blamed("a.jpg")


def test_the_other_suspects_stay_suspects_when_one_of_them_crashes_alone(tmp_path: Path) -> None:
    die(tmp_path, f"with journal.reading('a.jpg'), journal.reading('b.jpg'): {CRASH}")
    die(tmp_path, f"with journal.reading('a.jpg', alone=True): {CRASH}")
    journal = CrashJournal(tmp_path)
    assert journal.suspects == ("a.jpg", "b.jpg")
    assert [journal.is_blamed(path) for path in journal.suspects] == [True, False]


def test_a_cleared_photo_is_no_suspect_any_more(tmp_path: Path) -> None:
    die(tmp_path, f"with journal.reading('a.jpg', alone=True): {CRASH}")
    journal = CrashJournal(tmp_path)
    journal.clear("a.jpg")
    journal.close()
    assert CrashJournal(tmp_path).suspects == ()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"reading": [1], "deaths": {}}'])
def test_a_damaged_journal_suspects_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "reading.json").write_text(content)
    assert CrashJournal(tmp_path).suspects == ()


def test_a_photo_is_a_suspect_at_whatever_moment_the_program_dies(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from photosim.runtime.crash_journal import CrashJournal
journal = CrashJournal(Path(sys.argv[1]))
with journal.reading('a.jpg'):
    print('ready', flush=True)
    while True:
        with journal.reading('another with a longer name.jpg'):
            pass
"""
    for moment in range(20):
        folder = tmp_path / str(moment)
        folder.mkdir()
        with subprocess.Popen([sys.executable, "-c", program, folder], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(moment / 1000)
            process.kill()
        assert CrashJournal(folder).suspects[:1] == ("a.jpg",)
