"""Copying and moving photos to folders, throwing them away, and taking that back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from photosim.core.records import Photo
from photosim.errors import FolderError, PhotoSimError
from photosim.file_actions import (
    Bundle,
    Failure,
    Placed,
    Report,
    bundles,
    put_back,
    size_of,
    throw_away,
    transfer,
)
from photosim.gui import trash, words
from photosim.gui.actions import Actions, connect
from photosim.gui.chosen import Chosen
from photosim.gui.doing_strip import DoingStrip
from photosim.gui.errands import Errand, Errands, Way
from photosim.gui.jobs import LATER, Jobs
from photosim.gui.last_copy import Answer, LastCopyQuestion
from photosim.gui.places import Query

if TYPE_CHECKING:
    from photosim.gui.undo import Undo
    from photosim.library import Library

_log = logging.getLogger(__name__)


class Kind(Enum):
    """What is done to files."""

    COPY = auto()
    MOVE = auto()
    TRASH = auto()


@dataclass
class Deed:
    """Something that was done and can be taken back: to which files, and where they lie now."""

    kind: Kind
    text: str
    bundles: list[Bundle]
    folder: Path = field(default_factory=Path)
    done: tuple[tuple[Placed, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The answer of a job: what became of the files, and the photos concerned as the library knows them now."""

    report: Report
    before: Sequence[Photo] = ()
    photos: dict[int, Photo] = field(default_factory=dict)
    last: tuple[Bundle, ...] = ()
    """Set when nothing was done yet, because of these no copy would be left."""

    undone: bool = False
    untold: PhotoSimError | None = None
    """Why the library could not be told of what was done; a rescan finds it out."""

    rest: tuple[tuple[Placed, ...], ...] = ()
    """What an Undo that was stopped has left as it was."""


class Doing(QObject):
    """What the person does to photo files; the work runs in jobs, one after the other."""

    def __init__(
        self, window: QWidget, library: Library, jobs: Jobs, chosen: Chosen, undo: Undo, actions: Actions
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._chosen, self._undo = window, library, chosen, undo
        self._commands = chosen.commands
        self._jobs = jobs
        self.strip = DoingStrip(actions.undo, window)
        self.errands = Errands(jobs, self.strip)
        self.question: LastCopyQuestion | None = None
        self._problems: tuple[str, str] = ("", "")
        self.strip.why.connect(lambda: self._commands.tell_failure(*self._problems))
        self._commands.menu_filled.connect(self._fill)
        connect(
            (
                (actions.copy_to, lambda: self.copy(chosen.photos())),
                (actions.move_to, lambda: self.move(chosen.photos())),
                (actions.trash, lambda: self.trash(chosen.photos())),
            )
        )

    def start(self) -> None:
        """Forget what was thrown away when the window was open before: that can no longer be undone."""
        if self._commands.guard.may_write:
            self._jobs.start(lambda _: self._library.placing.forget_thrown_away(), _tidied, LATER)

    # --- what the person does ------------------------------------------------------------------------------

    def copy(self, photos: Sequence[Photo]) -> None:
        """Ask for a folder and copy photos into it."""
        if photos and (folder := self._ask_folder(self.tr("Copy {photos} to"), photos)):
            self.transfer(photos, Path(folder), move=False)

    def move(self, photos: Sequence[Photo]) -> None:
        """Ask for a folder and move photos into it."""
        if (
            photos
            and self._commands.may_write()
            and (folder := self._ask_folder(self.tr("Move {photos} to"), photos))
        ):
            self.transfer(photos, Path(folder), move=True)

    def transfer(self, photos: Sequence[Photo], folder: Path, *, move: bool) -> None:
        """Copy or move photos into a folder."""
        if folder.resolve().is_relative_to(self._library.folder.resolve()):
            text = self.tr("PhotoSim keeps its own files in {folder}: please choose another folder.")
            self._commands.tell(FolderError(text.format(folder=folder)))
            return
        text = self.tr("moving {photos}") if move else self.tr("copying {photos}")
        deed = Deed(
            Kind.MOVE if move else Kind.COPY, text.format(photos=words.photos(len(photos))), [], folder
        )
        self._transfer(deed, photos, push=True)

    def trash(self, photos: Sequence[Photo]) -> None:
        """Move photos to the system's trash; of last copies the person is asked."""
        if photos and self._commands.may_write():
            self._throw(Deed(Kind.TRASH, self._throwing(len(photos)), []), photos, push=True)

    # --- the errands ---------------------------------------------------------------------------------------

    def _transfer(self, deed: Deed, photos: Sequence[Photo], *, push: bool) -> None:
        move = deed.kind is Kind.MOVE
        library = self._library

        def work(way: Way) -> _Outcome:
            if move:
                library.placing.check()
            before = _known(library, deed, photos)
            way.expect(size_of(deed.bundles))
            report = transfer(deed.bundles, deed.folder, way, move=move)
            untold = _told(library.placing.moved if move else library.placing.copied, report)
            return _Outcome(report, before, _as_they_are(library, before), untold=untold)

        into = words.name(str(deed.folder))
        text = self.tr("Moving to “{folder}”") if move else self.tr("Copying to “{folder}”")
        told = self.tr("{photos} moved to “{folder}”.") if move else self.tr("{photos} copied to “{folder}”.")
        self._run(
            text.format(folder=into), deed, photos, work, partial(_fill_in, told, folder=into), push=push
        )

    def _throw(
        self, deed: Deed, photos: Sequence[Photo], *, push: bool, sure: frozenset[Bundle] = frozenset()
    ) -> None:
        library = self._library

        def work(way: Way) -> _Outcome:
            library.placing.check()
            before = _known(library, deed, photos)
            last = library.placing.last_copies(deed.bundles)
            if not sure.issuperset(last):
                return _Outcome(Report(), last=tuple(last))
            way.expect(size_of(deed.bundles))
            report = throw_away(deed.bundles, trash.throw, way)
            untold = _told(library.placing.thrown_away, report)
            return _Outcome(report, before, _as_they_are(library, before), untold=untold)

        def asked(outcome: _Outcome) -> bool:
            if outcome.last:
                self._ask(deed, photos, outcome.last, push=push)
            return bool(outcome.last)

        told = self.tr("{photos} moved to the trash.")
        self._run(
            self.tr("Moving to the trash"),
            deed,
            photos,
            work,
            partial(_fill_in, told),
            push=push,
            instead=asked,
        )

    def _ask(self, deed: Deed, photos: Sequence[Photo], last: tuple[Bundle, ...], *, push: bool) -> None:
        """The second question, before photos of which no copy would be left go."""
        self.strip.hide()

        def answered(answer: Answer) -> None:
            self.question = None
            if answer is Answer.ALL:
                self._throw(deed, photos, push=push, sure=frozenset(last))
            elif answer is Answer.OTHERS:
                deed.bundles = [one for one in deed.bundles if one not in last]
                deed.text = self._throwing(len(deed.bundles))
                self._throw(deed, (), push=push)

        self.question = LastCopyQuestion(
            [one.photo for one in last], len(deed.bundles), answered, self._window
        )
        self.question.open()

    def _take_back(self, deed: Deed) -> None:
        """Undo: files that were moved or thrown away come back, copies go to the trash."""
        library = self._library

        def back(way: Way) -> _Outcome:
            library.placing.check()
            done = deed.done
            way.expect(sum(one.entry.size for photo in done for one in photo))
            report = put_back(done, way)
            untold = _told(library.placing.moved, report)
            deed.bundles = [Bundle(tuple(one.entry.path for one in photo)) for photo in report.done]
            found = [library.find(photo[0].entry.path) for photo in report.done]
            shown = {photo.file_id: photo for photo in found if photo is not None}
            return _Outcome(report, (), shown, undone=True, untold=untold, rest=_rest(done, report))

        def drop(way: Way) -> _Outcome:
            copies = [Bundle(tuple(one.entry.path for one in photo)) for photo in deed.done]
            report = throw_away(copies, trash.throw, way)
            untold = _told(library.placing.thrown_away, report)
            return _Outcome(report, undone=True, untold=untold, rest=_rest(deed.done, report))

        copied = deed.kind is Kind.COPY
        told = self.tr("{photos} moved to the trash again.") if copied else self.tr("{photos} brought back.")
        text = self.tr("Undoing {what}").format(what=deed.text)
        self._run(text, deed, (), drop if copied else back, partial(_fill_in, told), push=False)

    def _do_again(self, deed: Deed) -> None:
        (self._throw if deed.kind is Kind.TRASH else self._transfer)(deed, (), push=False)

    # --- what came of it -----------------------------------------------------------------------------------

    def _run(
        self,
        text: str,
        deed: Deed,
        photos: Sequence[Photo],
        work: Callable[[Way], _Outcome],
        told: Callable[[int], str],
        *,
        push: bool,
        instead: Callable[[_Outcome], bool] = lambda _: False,
    ) -> None:
        count = len(photos) or len(deed.bundles)
        done = partial(self._finish, deed, told, push=push, instead=instead)
        self.errands.run(Errand(text, count, work, done))

    def _finish(
        self,
        deed: Deed,
        told: Callable[[int], str],
        outcome: _Outcome | None,
        error: Exception | None,
        *,
        push: bool,
        instead: Callable[[_Outcome], bool],
    ) -> None:
        if outcome is None:
            self.strip.hide()
            if error is not None:
                self._commands.tell(error)
            return
        if instead(outcome):
            return
        report = outcome.report
        deed.done = () if outcome.undone else report.done
        if report.done and push:
            text = deed.text
            self._undo.push(text, partial(self._take_back, deed), partial(self._do_again, deed))
        if outcome.untold is not None:
            self._commands.tell(outcome.untold)
        if outcome.rest:
            left = replace(deed, done=outcome.rest, bundles=[])
            self._undo.push(left.text, partial(self._take_back, left), partial(self._do_again, left))
        self._tell(report, told, undoes=deed.text if push and report.done else "")
        if report.done:
            self._chosen.step_on(outcome.before, outcome.photos)
            self._commands.photos_changed.emit()

    def _tell(self, report: Report, told: Callable[[int], str], *, undoes: str) -> None:
        parts = [told(len(report.done))] if report.done else []
        if report.idle:
            text = self.tr("{photos} were there already.")
            parts.append(text.format(photos=words.photos(report.idle)))
        if report.cancelled:
            parts.append(self.tr("Stopped; the others stay where they are."))
        if report.failed:
            first = report.failed[0]
            self._problems = self._problem(report.failed)
            parts.append(self._problems[0] if len(report.failed) > 1 else _sentence(first))
        parts = parts or [self.tr("Nothing was changed.")]
        self.strip.finish(" ".join(parts), undoes=undoes, failed=len(report.failed) > 1)

    def _problem(self, failed: Sequence[Failure]) -> tuple[str, str]:
        text = self.tr("{photos} stay as they are: {reason}").format(
            photos=words.photos(len(failed)), reason=failed[0].reason
        )
        return text, "\n".join(f"{words.path(one.path)}: {one.reason}" for one in failed)

    # --- helpers -------------------------------------------------------------------------------------------

    def _throwing(self, count: int) -> str:
        return self.tr("moving {photos} to the trash").format(photos=words.photos(count))

    def _ask_folder(self, title: str, photos: Sequence[Photo]) -> str:
        start = str(Path(photos[0].path).parent)
        title = title.format(photos=words.photos(len(photos)))
        return QFileDialog.getExistingDirectory(self._window, title, start)

    def _fill(self, menu: QMenu, queries: Sequence[Query]) -> None:
        """Add to the menu of photos."""
        photos = [query.photo for query in queries if query.photo is not None]
        if not photos or self._chosen.are_covers(photos):
            return
        may_write = self._commands.guard.may_write
        menu.addSeparator()
        menu.addAction(self.tr("Copy &to folder…"), lambda: self.copy(photos))
        menu.addAction(self.tr("&Move to folder…"), lambda: self.move(photos)).setEnabled(may_write)
        menu.addAction(self.tr("Move to t&rash"), lambda: self.trash(photos)).setEnabled(may_write)


def _told(tell: Callable[[Sequence[Placed]], None], report: Report) -> PhotoSimError | None:
    """Tell the library what was done; the error when that fails, since the files lie where they lie."""
    try:
        tell(report.placed)
    except PhotoSimError as error:
        return error
    return None


def _rest(done: Sequence[tuple[Placed, ...]], report: Report) -> tuple[tuple[Placed, ...], ...]:
    """What is still to be undone when the person stopped it; what failed would fail again."""
    if not report.cancelled:
        return ()
    settled = {one.old for one in report.placed} | {failure.path for failure in report.failed}
    return tuple(
        photo for photo in done if not settled & {name for one in photo for name in (one.old, one.entry.path)}
    )


def _tidied(_: object, error: Exception | None) -> None:
    if error is not None:
        _log.warning("What was thrown away could not be forgotten: %s", error)


def _known(library: Library, deed: Deed, photos: Sequence[Photo]) -> Sequence[Photo]:
    """The photos of a deed as the library knows them now; their files are found when it is first done."""
    if deed.bundles:
        found = [library.find(one.photo) for one in deed.bundles]
        return [photo for photo in found if photo is not None]
    deed.bundles = bundles((photo.path, photo.raw_files) for photo in photos)
    return photos


def _as_they_are(library: Library, photos: Sequence[Photo]) -> dict[int, Photo]:
    return {photo.file_id: photo for photo in library.photos_by_id([photo.file_id for photo in photos])}


def _fill_in(text: str, count: int, **more: str) -> str:
    return text.format(photos=words.photos(count), **more)


def _sentence(failure: Failure) -> str:
    return words.tr("“{name}” stays as it is: {reason}").format(
        name=words.name(failure.path), reason=failure.reason
    )
