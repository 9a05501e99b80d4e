"""The command `events`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from photosim.cli.main import main
from tests.support.indexing import make_library, use_fake_embedder
from tests.support.photo_folders import make_dated_photos


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("cli-events")
    photos = make_dated_photos(base / "photos", {"Kyoto": "2024-04-02 09:00", "DCIM": "2024-05-18 23:58"})
    with pytest.MonkeyPatch.context() as patch:
        use_fake_embedder(patch)
        make_library(base / "library", photos).close()
    return base


def run(capsys: pytest.CaptureFixture[str], base: Path, *arguments: str) -> tuple[int, str, str]:
    status = main(["events", *arguments, "--library", str(base / "library")])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_json_has_the_documented_fields(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, base, "--json")
    assert (status, err) == (0, "")
    [party, kyoto] = json.loads(out)["events"]
    assert set(party) == {"name", "start", "end", "photos"}
    assert (party["name"], kyoto["name"]) == ("May 2024", "Kyoto")
    assert (kyoto["start"], kyoto["end"]) == ("2024-04-02T09:00:00", "2024-04-02T09:04:00")
    assert sorted(kyoto["photos"]) == sorted(map(str, (base / "photos" / "Kyoto").iterdir()))


def test_the_table_has_days_counts_and_names(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, base) == (
        0,
        "2024-05-18 – 2024-05-19      5 photos  May 2024\n2024-04-02                   5 photos  Kyoto\n",
        "",
    )


def test_a_library_without_events_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, tmp_path)
    assert (status, out) == (0, "")
    assert err.startswith("No events found")
    assert run(capsys, tmp_path, "--json") == (0, '{\n  "events": []\n}\n', "")
