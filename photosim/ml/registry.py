"""The shelf of models: those in the box, those that were downloaded and the person's own."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from photosim import paths
from photosim.errors import ModelError
from photosim.ml import catalog, weights
from photosim.ml.catalog import SCALES, TASKS, ModelSpec, Origin
from photosim.runtime.control import JobControl

_log = logging.getLogger(__name__)

_INCOMING = "incoming"
"""Folder, inside that of the models, for files that are not whole or not checked yet."""

_CONFIG = "ultralytics"
_METADATA_KEYS = ("sha256", "bytes", "title", "task", "scale", "side")


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A model that can be used or had; `bytes` is the size of its file, None while that is not known."""

    spec: ModelSpec
    installed: bool
    bytes: int | None


class ModelRegistry:
    """The models of one folder, which need not be there yet, and the one among the program's resources."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or paths.models_folder()

    # --- asking ------------------------------------------------------------------------------------------

    def all(self) -> list[RegisteredModel]:
        """All models: the catalogue's, the default first, then the person's own by title."""
        return [self._register(entry) for entry in (*catalog.CATALOG, *self._user_models())]

    def find(self, word: str) -> ModelSpec:
        """The model with this id or name; ModelError when there is none."""
        return catalog.find_model(word, self._user_models())

    def weights_path(self, entry: ModelSpec) -> Path:
        """Where the weights of a model lie, or would lie."""
        boxed = entry.origin is Origin.BUNDLED
        return catalog.weights_path(entry, paths.resource_path("models") if boxed else self.folder)

    def installed(self, word: str) -> ModelSpec:
        """The model with this id or name, whose file is here and is the right one; else ModelError."""
        entry = self.find(word)
        path = self.weights_path(entry)
        if not path.exists() and entry.origin is Origin.OFFICIAL:
            raise ModelError(
                f"The model {entry.title} is not on this computer. “photosim models get {entry.name}” gets it."
            )
        weights.verify(path, entry)
        if entry.sha256 is None:
            self._test_load(entry, path)
        return entry

    # --- changing ----------------------------------------------------------------------------------------

    def get(self, word: str, control: JobControl) -> Iterator[tuple[int, int]]:
        """Download a model, yielding (bytes so far, bytes in all or 0); cancelled, it keeps what it has.

        A file that is here and right is left as it is. What came is opened, without trusting it, and compared with
        the catalogue before it takes its place. Raises ModelError or DownloadError, which says where to put the
        file by hand.
        """
        from photosim.ml.download import Download, DownloadError

        entry = self.find(word)
        if self._is_valid(entry):
            return
        if entry.url is None:
            raise ModelError(
                f"{entry.title} ({entry.origin}) is not among the models that can be downloaded."
            )
        with self._lock_folder():
            arrived = self.folder / _INCOMING / entry.file
            if not arrived.exists():
                try:
                    yield from Download(entry.url, arrived, entry.bytes, entry.sha256).run(control)
                except DownloadError as error:
                    raise DownloadError(f"{error} {self._manual_download_hint(entry)}") from error
                if control.cancelled:
                    return
            try:
                self._test_load(entry, arrived)
            except ModelError:
                arrived.unlink(missing_ok=True)
                raise
            self._install(arrived, entry)

    def add(self, path: Path) -> ModelSpec:
        """Take in a copy of a person's own YOLO11 file; a file of the catalogue takes its place there.

        The file is opened first, without trusting it. Raises ModelError when it is no YOLO11 checkpoint, holds
        anything else or cannot be copied.
        """
        from photosim.ml.weights import identify_checkpoint

        path = path.expanduser().absolute()
        entry = identify_checkpoint(path, self.folder / _CONFIG)
        if entry.origin is Origin.BUNDLED:
            return entry
        with self._lock_folder():
            copy = self.folder / _INCOMING / entry.file
            try:
                shutil.copyfile(path, copy)
                self._test_load(entry, copy)
                self._install(copy, entry)
                if entry.origin is Origin.USER:
                    self._write_metadata(entry, path.stem)
            except OSError as error:
                raise ModelError(f"{path} cannot be copied to {self.folder}: {error.strerror}.") from error
            finally:
                copy.unlink(missing_ok=True)
        return entry

    def remove(self, word: str) -> None:
        """Delete the file of a model that was downloaded or taken in; the embeddings that it made stay."""
        entry = self.find(word)
        if entry.origin is Origin.BUNDLED:
            raise ModelError(f"{entry.title} belongs to PhotoSim and cannot be removed.")
        try:
            self._metadata_path(entry).unlink(missing_ok=True)
            self.weights_path(entry).unlink(missing_ok=True)
        except OSError as error:
            raise ModelError(f"{self.weights_path(entry)} cannot be removed: {error.strerror}.") from error

    # --- helpers -----------------------------------------------------------------------------------------

    def _register(self, entry: ModelSpec) -> RegisteredModel:
        try:
            size = self.weights_path(entry).stat().st_size
        except OSError:
            return RegisteredModel(entry, False, entry.bytes)
        return RegisteredModel(entry, entry.bytes in {None, size}, size)

    def _is_valid(self, entry: ModelSpec) -> bool:
        try:
            weights.verify(self.weights_path(entry), entry)
        except ModelError:
            return False
        return True

    def _user_models(self) -> Iterator[ModelSpec]:
        """The person's own models, by title; a note that cannot be read costs its model only."""
        found = []
        try:
            notes = sorted(self.folder.glob("own-*.json"))
        except OSError:
            notes = []
        for note in notes:
            try:
                found.append(_parse_metadata(note.stem, json.loads(note.read_text(encoding="utf-8"))))
            except (OSError, ValueError, TypeError, KeyError) as error:
                _log.warning("%s cannot be read, so its model is left out: %s", note, error)
        return iter(sorted(found, key=lambda entry: (entry.title.casefold(), entry.id)))

    def _test_load(self, entry: ModelSpec, path: Path) -> None:
        """Raise ModelError unless the file gives the embedding that the entry promises."""
        from photosim.ml.embedder import Embedder

        Embedder(entry, path, self.folder / _CONFIG)

    def _install(self, arrived: Path, entry: ModelSpec) -> None:
        try:
            arrived.replace(self.weights_path(entry))
        except OSError as error:
            raise ModelError(f"{self.weights_path(entry)} cannot be written: {error.strerror}.") from error

    def _metadata_path(self, entry: ModelSpec) -> Path:
        return self.folder / f"{entry.name}.json"

    def _write_metadata(self, entry: ModelSpec, title: str) -> None:
        side = entry.preprocessing.size
        facts = (entry.sha256, entry.bytes, title, entry.task, entry.scale, side)
        metadata = dict(zip(_METADATA_KEYS, facts, strict=True))
        paths.write_atomic(self._metadata_path(entry), json.dumps(metadata, indent=2))

    @contextmanager
    def _lock_folder(self) -> Iterator[None]:
        """One PhotoSim at a time, with the folder for what is not checked yet."""
        lock = FileLock(self.folder / _INCOMING / "lock")
        try:
            (self.folder / _INCOMING).mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise ModelError(
                f"Another PhotoSim is changing the models in {self.folder}. Wait until it has finished."
            ) from error
        except OSError as error:
            raise ModelError(f"The folder {self.folder} cannot be written: {error.strerror}.") from error
        try:
            yield
        finally:
            lock.release()

    def _manual_download_hint(self, entry: ModelSpec) -> str:
        return (
            "You can also fetch that file in another way, even on another computer, and put it into the folder "
            f"{self.folder} under the name {entry.file}."
        )


def _parse_metadata(name: str, note: Any) -> ModelSpec:
    """The entry that the note of this name tells of; ValueError, TypeError or KeyError when it does not."""
    sha256, size, title, task, scale, side = (note[fact] for fact in _METADATA_KEYS)
    texts, numbers = (sha256, title, task, scale), (size, side)
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(n, int) for n in numbers):
        raise TypeError("it holds other things than were written there")
    if task not in TASKS or scale not in SCALES:
        raise ValueError("there is no such YOLO11")
    entry = catalog.user_model(sha256, size, title=title, task=task, scale=scale, input_size=side)
    if entry.name != name:
        raise ValueError("it tells of another file")
    return entry
