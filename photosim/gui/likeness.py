"""Asks the library what looks like a photo, and a process of our own what looks like any other image file.

The model that turns a new image into an embedding runs in that process: the window never loads torch.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess

from photosim.core.records import Photo
from photosim.errors import PhotoSimError
from photosim.gui.closeness import likeness
from photosim.gui.jobs import SOON, Cancel, Jobs
from photosim.gui.places import Query
from photosim.paths import own_command

if TYPE_CHECKING:
    from photosim.library import Library

SHOWN = 300
"""Matches asked for: more than anyone looks through, few enough to answer at once."""

_KEPT_SEARCHES = 8
"""Answers for image files that are kept, so that Back does not search again."""

_STOP_MS = 2000

Matches = list[tuple[Photo, float]]
"""Photos with their likeness, which is the same scale for every model: see `photosim.gui.closeness`."""

Done = Callable[[Matches | None, Exception | None], None]


class Likeness(QObject):
    """Answers through `done(matches, error)`, best match first, in the thread of the window."""

    def __init__(self, library: Library, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._jobs = library, jobs
        self._kept: OrderedDict[str, Matches] = OrderedDict()
        self._waiting: dict[str, list[Done]] = {}
        self._processes: dict[str, QProcess] = {}

    def ask(self, query: Query, done: Done, count: int = SHOWN) -> int | None:
        """Ask what looks like the query; returns a job to cancel, where there is one."""
        if query.photo is not None:
            return self._jobs.start(partial(_alike, self._library, query.photo.file_id, count), done, SOON)
        kept = self._kept.get(query.path)
        if kept is not None:
            return self._jobs.start(lambda _: kept, done, SOON)
        self._waiting.setdefault(query.path, []).append(done)
        if query.path not in self._processes:
            self._search(query.path)
        return None

    def forget_searches(self) -> None:
        """Search anew from now on: the library has changed."""
        self._kept.clear()

    def close(self) -> None:
        """End the searches that are under way."""
        self._waiting.clear()
        for process in list(self._processes.values()):
            process.finished.disconnect()
            process.errorOccurred.disconnect()
            process.kill()
            process.waitForFinished(_STOP_MS)
        self._processes.clear()

    # --- helpers -----------------------------------------------------------------------------------------

    def _search(self, path: str) -> None:
        words = ["similar", path, "--json", "-k", str(SHOWN), "--library", str(self._library.folder)]
        program, *first = own_command()
        process = QProcess(self)
        self._processes[path] = process
        process.finished.connect(partial(self._finished, path))
        process.errorOccurred.connect(partial(self._broken, path))
        process.start(program, [*first, *words])

    def _broken(self, path: str, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._fail(path, self.tr("PhotoSim could not start its own search program."))

    def _finished(self, path: str, code: int, status: QProcess.ExitStatus) -> None:
        process = self._processes.get(path)
        if process is None:
            return
        if code != 0 or status != QProcess.ExitStatus.NormalExit:
            said = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
            last = said.splitlines()[-1] if said else self.tr("The search ended without an answer.")
            self._fail(path, last)
            return
        try:
            answer = json.loads(bytes(process.readAllStandardOutput().data()))
            found = [(str(match["path"]), float(match["similarity"])) for match in answer["matches"]]
        except (ValueError, KeyError, TypeError):
            self._fail(path, self.tr("The search gave an answer that PhotoSim does not understand."))
            return
        self._drop(path)
        self._jobs.start(partial(_with_photos, self._library, found), partial(self._tell, path), SOON)

    def _fail(self, path: str, message: str) -> None:
        self._drop(path)
        self._tell(path, None, PhotoSimError(message))

    def _drop(self, path: str) -> None:
        process = self._processes.pop(path, None)
        if process is not None:
            process.deleteLater()

    def _tell(self, path: str, matches: Matches | None, error: Exception | None) -> None:
        if matches is not None:
            self._kept[path] = matches
            while len(self._kept) > _KEPT_SEARCHES:
                self._kept.popitem(last=False)
        for done in self._waiting.pop(path, []):
            done(matches, error)


def _alike(library: Library, file_id: int, count: int, cancel: Cancel) -> Matches:
    model, matches = library.model, library.similar(file_id, count)
    cancel.check()
    photos = {photo.file_id: photo for photo in library.photos_by_id([match.file_id for match in matches])}
    return [
        (photos[match.file_id], likeness(match.similarity, model))
        for match in matches
        if match.file_id in photos
    ]


def _with_photos(library: Library, found: Sequence[tuple[str, float]], cancel: Cancel) -> Matches:
    matches = []
    for path, similarity in found:
        cancel.check()
        photo = library.find(path)
        if photo is not None:
            matches.append((photo, likeness(similarity, library.model)))
    return matches
