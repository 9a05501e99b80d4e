"""The models on this computer: bundled, downloaded and added by the user."""

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
from photosim.ml.model_spec import ModelSpec, Origin
from photosim.ml.models import catalog, model_check, weights
from photosim.runtime.control import JobControl

_log = logging.getLogger(__name__)

_INCOMING = "incoming"
"""Folder inside the models folder for files that are incomplete or not verified yet."""

_ULTRALYTICS_FOLDER = "ultralytics"


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A model that is installed or can be; `bytes` is the size of its files, None if not known."""

    spec: ModelSpec
    installed: bool
    bytes: int | None


class ModelRegistry:
    """The bundled model, and those in a models folder, which need not exist yet."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or paths.models_folder()

    def all(self) -> list[RegisteredModel]:
        """Return all models: those of the catalog, the default first, then the user's own by title."""
        return [self._register(spec) for spec in (*catalog.CATALOG, *self._user_models())]

    def find(self, name_or_id: str) -> ModelSpec:
        """Return the model with this name or id. Raises ModelError if there is none."""
        return catalog.find_model(name_or_id, self._user_models())

    def weights_path(self, spec: ModelSpec) -> Path:
        """Return the path of a model's weights, which need not exist."""
        is_bundled = spec.origin is Origin.BUNDLED
        return catalog.weights_path(spec, paths.resource_path("models") if is_bundled else self.folder)

    def installed(self, name_or_id: str) -> ModelSpec:
        """Return a model whose file is present and valid. Raises ModelError if there is none."""
        spec = self.find(name_or_id)
        path = self.weights_path(spec)
        if not path.exists() and spec.origin is Origin.OFFICIAL:
            raise ModelError(
                f"The model {spec.title} isn't downloaded. Download it with “photosim models get {spec.name}”."
            )
        weights.verify(path, spec)
        if spec.sha256 is None:
            self._test_load(spec, path)
        return spec

    def get(self, name_or_id: str, control: JobControl) -> Iterator[tuple[int, int]]:
        """Download a model unless it is installed, yielding (bytes received, total bytes or 0).

        If cancelled, the incomplete file is kept. The file is checked in a child process before it is installed. Raises
        ModelError or DownloadError, which says where to put the file by hand.
        """
        from photosim.ml.models.download import Download, DownloadError

        spec = self.find(name_or_id)
        if self._is_valid(spec):
            return
        if spec.url is None:
            raise ModelError(f"{spec.title} ({spec.origin}) can't be downloaded.")
        with self._lock_folder():
            incoming = self.folder / _INCOMING / spec.file
            if not incoming.exists():
                try:
                    yield from Download(spec.url, incoming, spec.bytes, spec.sha256).run(control)
                except DownloadError as error:
                    raise DownloadError(f"{error} {self._manual_download_hint(spec)}") from error
                if control.cancelled:
                    return
            try:
                model_check.check_in_child(incoming, self.folder / _ULTRALYTICS_FOLDER, spec.id)
            except ModelError:
                incoming.unlink(missing_ok=True)
                raise
            self._install(incoming, spec)

    def add(self, path: Path) -> ModelSpec:
        """Install a copy of a user's YOLO11 file; a file of the catalog is installed as that model.

        The file is checked first, in a child process with limits. Raises ModelError if it is not a valid YOLO11
        checkpoint, gives no useful embeddings or cannot be copied.
        """
        path = paths.absolute_path(path)
        spec = model_check.check_in_child(path, self.folder / _ULTRALYTICS_FOLDER)
        if spec.origin is Origin.BUNDLED:
            return spec
        with self._lock_folder():
            incoming = self.folder / _INCOMING / spec.file
            try:
                shutil.copyfile(path, incoming)
                weights.verify(incoming, spec)  # it is the file that was checked
                self._install(incoming, spec)
                if spec.origin is Origin.USER:
                    self._write_metadata(spec, path.stem)
            except OSError as error:
                raise ModelError(f"{path} can't be copied to {self.folder}: {error.strerror}.") from error
            finally:
                incoming.unlink(missing_ok=True)
        return spec

    def remove(self, name_or_id: str) -> None:
        """Delete the file of a downloaded or added model; the embeddings it computed are kept."""
        spec = self.find(name_or_id)
        if spec.origin is Origin.BUNDLED:
            raise ModelError(f"{spec.title} is included in PhotoSim and can't be removed.")
        try:
            self._metadata_path(spec).unlink(missing_ok=True)
            self.weights_path(spec).unlink(missing_ok=True)
        except OSError as error:
            raise ModelError(f"{self.weights_path(spec)} can't be removed: {error.strerror}.") from error

    def _register(self, spec: ModelSpec) -> RegisteredModel:
        path = self.weights_path(spec)
        files = {path: spec.bytes} | {path.with_name(file.file): file.bytes for file in spec.companions}
        try:
            sizes = [file.stat().st_size for file in files]
        except OSError:
            return RegisteredModel(spec, False, spec.bytes)
        is_complete = all(known in {None, size} for known, size in zip(files.values(), sizes, strict=True))
        return RegisteredModel(spec, is_complete, sum(sizes))

    def _is_valid(self, spec: ModelSpec) -> bool:
        try:
            weights.verify(self.weights_path(spec), spec)
        except ModelError:
            return False
        return True

    def _user_models(self) -> Iterator[ModelSpec]:
        """Yield the user's models by title; one whose metadata can't be read is skipped."""
        specs = []
        try:
            files = sorted(self.folder.glob("own-*.json"))
        except OSError:
            files = []
        for file in files:
            try:
                specs.append(_parse_metadata(file.stem, paths.read_json(file)))
            except (OSError, ValueError, TypeError, KeyError) as error:
                _log.warning("Skipping a model because %s cannot be read: %s", file, error)
        return iter(sorted(specs, key=lambda spec: (spec.title.casefold(), spec.id)))

    def _test_load(self, spec: ModelSpec, path: Path) -> None:
        """Raise ModelError unless the file gives the embedding that the spec describes."""
        from photosim.ml.embedder import Embedder

        Embedder(spec, path, self.folder / _ULTRALYTICS_FOLDER)

    def _install(self, incoming: Path, spec: ModelSpec) -> None:
        try:
            incoming.replace(self.weights_path(spec))
        except OSError as error:
            raise ModelError(f"{self.weights_path(spec)} can't be written: {error.strerror}.") from error

    def _metadata_path(self, spec: ModelSpec) -> Path:
        return self.folder / f"{spec.name}.json"

    def _write_metadata(self, spec: ModelSpec, title: str) -> None:
        metadata = model_check.metadata_of(spec, title)
        paths.write_atomic(self._metadata_path(spec), json.dumps(metadata, indent=2))

    @contextmanager
    def _lock_folder(self) -> Iterator[None]:
        """Hold the lock under which the models folder is changed, and create the folder for incoming files."""
        lock = FileLock(self.folder / _INCOMING / "lock")
        try:
            (self.folder / _INCOMING).mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise ModelError(
                f"Another PhotoSim is changing the models in {self.folder}. Try again when it has finished."
            ) from error
        except OSError as error:
            raise ModelError(f"The folder {self.folder} can't be written: {error.strerror}.") from error
        try:
            yield
        finally:
            lock.release()

    def _manual_download_hint(self, spec: ModelSpec) -> str:
        return (
            "You can also download that file in another way, even on another computer, and put it into the folder "
            f"{self.folder} under the name {spec.file}."
        )


def _parse_metadata(name: str, metadata: Any) -> ModelSpec:
    """Return the spec that a metadata file of this name describes. Raises ValueError, TypeError or KeyError."""
    spec = model_check.parse_metadata(metadata)
    if spec.name != name:
        raise ValueError("it describes another file")
    return spec
