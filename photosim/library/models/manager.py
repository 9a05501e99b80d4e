"""The models of one library: the active one, the next one, and the data of each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from photosim import settings
from photosim.errors import ModelError
from photosim.files.fspaths import is_unchanged
from photosim.library.locks import WriteLock
from photosim.library.models.view import ModelView
from photosim.ml.model_spec import ModelSpec, Origin
from photosim.ml.models.catalog import DEFAULT, alternative_of
from photosim.ml.models.registry import ModelRegistry, RegisteredModel
from photosim.records import ModelState, Progress
from photosim.runtime.control import JobControl
from photosim.search import index_files
from photosim.store.catalog import Catalog
from photosim.store.embeddings import EmbeddingTable

if TYPE_CHECKING:
    from photosim.indexing.duplicate_finder import DuplicateFinder
    from photosim.indexing.reader import PhotoReader
    from photosim.indexing.throughput import Throughput

_log = logging.getLogger(__name__)


class ModelManager:
    """Chooses the model of a library and manages the data of all models in it.

    A chosen model becomes active once it has embedded all photos that can be read at the moment; until then the
    active one stays, and `switch` embeds the photos. The data of each model is kept until it is deleted.
    """

    def __init__(
        self,
        folder: Path,
        catalog: Catalog,
        registry: ModelRegistry,
        write_lock: WriteLock,
        model: ModelSpec | None = None,
    ) -> None:
        """Activate `model`, or (None) the one chosen in the library's settings."""
        self.registry = registry
        self._folder, self._catalog, self._write_lock = folder, catalog, write_lock
        self._embeddings = EmbeddingTable(catalog.database)
        self.active = self._view(model or self._chosen())
        """The active model's view of the library."""

    @property
    def next_model(self) -> ModelSpec | None:
        """The model that becomes active once it has embedded all photos."""
        name = settings.load(self._folder).next_model
        with suppress(ModelError):
            model = self.registry.find(name) if name else None
            return None if model == self.active.model else model
        return None

    def switch_progress(self) -> tuple[str, int] | None:
        """Return the id of the next model and how many of the shown photos it has embedded."""
        model = self.next_model
        return None if model is None else (model.id, self._catalog.photo_counts(model.id)[1])

    def states(self) -> list[ModelState]:
        """Return all models: the catalogue's, then the user's, then unknown ones that have data in this library."""
        from photosim.indexing.throughput import load_throughput

        photos = self._catalog.photo_counts(self.active.model.id)[0]
        embedded = self._embeddings.counts()
        selected = (self.active.model, self.next_model)
        models: list[RegisteredModel] = []
        for model in self.registry.all():
            models.append(model)
            alternative = alternative_of(model.spec)
            if alternative is not None and (alternative in selected or alternative.id in embedded):
                models.append(replace(model, spec=alternative))
        known = {model.spec.id for model in models}
        orphaned = [
            ModelState(model_id, model_id, model_id, count, photos, is_orphaned=True)
            for model_id, count in sorted(embedded.items())
            if model_id not in known
        ]
        throughput = load_throughput(self._folder)
        states = [
            self._state(model, selected, photos, embedded.get(model.spec.id, 0), throughput)
            for model in models
        ]
        return states + orphaned

    def use(self, name: str) -> ModelSpec:
        """Make the model with this id or name active: at once if it has embedded all photos, else as the next one.

        Raises ModelError when there is no such model or its file is missing or damaged.
        """
        model = self.registry.installed(name)
        if self._is_ready(model):
            self._activate(model)
        else:
            settings.update(self._folder, next_model=model.id)
        return model

    def switch(
        self,
        progress: Progress,
        reader_for: Callable[[ModelView], PhotoReader],
        finder_for: Callable[[ModelView], DuplicateFinder],
        control: JobControl,
    ) -> Iterator[Progress]:
        """Let the next model, if there is one, embed the photos and become active; the library's lock is held.

        `progress` is the last report of the preceding indexing; the last report here has the phase DONE too.
        Raises ModelError, and discards the choice, when the model cannot be loaded.
        """
        model = self.next_model
        if model is None or progress.cancelled:
            yield progress
            return
        from photosim.library.models.switch import ModelSwitch

        view = self._view(model)
        switch = ModelSwitch(
            view=view,
            catalog=self._catalog,
            embeddings=self._embeddings,
            reader=reader_for(view),
            duplicates=finder_for(view),
            control=control,
            is_wanted=lambda: self.next_model == model,
        )
        try:
            yield from switch.run(progress)
        except ModelError as error:
            active = self.active.model
            self._activate(active)
            raise ModelError(f"{model.title} can't be used; {active.title} stays active. {error}") from error
        completed = switch.is_active
        if completed:
            self._activate(model)
        yield replace(progress, cancelled=control.cancelled, next_model=model.title, model_switched=completed)

    def reload_choice(self) -> bool:
        """Activate the model chosen by now, perhaps in another process; returns whether it is a different one."""
        model = self._chosen()
        if model == self.active.model:
            return False
        self.active = self._view(model)
        return True

    def delete_data(self, name: str) -> int:
        """Delete a model's embeddings, labels and index; returns the number of photos.

        Raises ModelError for the active and the next model.
        """
        try:
            model_id = self.registry.find(name).id
        except ModelError:
            if name not in self._embeddings.counts():
                raise
            model_id = name
        self._check_unused(lambda model: model.id == model_id)
        with self._write_lock:
            count = self._embeddings.delete(model_id)
            for folder in (index_files.index_folder, index_files.object_index_folder):
                with suppress(OSError):
                    index_files.delete_model_files(folder(self._folder, model_id))
                    folder(self._folder, model_id).rmdir()
        return count

    def remove_file(self, name: str) -> None:
        """Delete the file of a downloaded or added model; its data stays.

        Raises ModelError for the active and the next model, and for a bundled one.
        """
        file = self.registry.find(name).file
        self._check_unused(lambda model: model.file == file and model.origin is not Origin.BUNDLED)
        self.registry.remove(name)

    def _view(self, model: ModelSpec) -> ModelView:
        return ModelView(self._folder, self._catalog.database, model, self.registry.weights_path(model))

    def _is_ready(self, model: ModelSpec) -> bool:
        """Whether a model may become active now: it lacks no photo, or the active one has no data either."""
        active = self.active.model
        if model == active or not self._embeddings.has_any(active.id):
            return True
        return not any(is_unchanged(file) for _, file in self._embeddings.files_without(model.id))

    def _activate(self, model: ModelSpec) -> None:
        settings.update(self._folder, model="" if model == DEFAULT else model.id, next_model="")
        if model != self.active.model:
            self.active = self._view(model)

    def _chosen(self) -> ModelSpec:
        name = settings.load(self._folder).model
        if not name:
            return DEFAULT
        try:
            return self.registry.find(name)
        except ModelError:
            _log.warning("%s uses %s, as %s is not installed", self._folder, DEFAULT.id, name)
            return DEFAULT

    def _check_unused(self, concerns: Callable[[ModelSpec], bool]) -> None:
        active, next_model = self.active.model, self.next_model
        if concerns(active):
            raise ModelError(f"{active.title} is in use in this library. Choose another model first.")
        if next_model is not None and concerns(next_model):
            raise ModelError(f"This library is switching to {next_model.title}. Choose another model first.")

    @staticmethod
    def _state(
        model: RegisteredModel,
        selected: tuple[ModelSpec, ModelSpec | None],
        photos: int,
        embedded: int,
        throughput: Throughput | None,
    ) -> ModelState:
        spec, (active, next_model) = model.spec, selected
        seconds = None if throughput is None else throughput.seconds_for(spec) * max(photos - embedded, 0)
        return ModelState(
            id=spec.id,
            name=spec.name,
            title=spec.title,
            embedded=embedded,
            photos=photos,
            seconds_left=seconds,
            origin=str(spec.origin),
            dimensions=spec.dimensions,
            bytes=model.bytes,
            installed=model.installed,
            in_use=spec == active,
            is_next=spec == next_model,
            is_alternative=spec.is_alternative,
            can_be_downloaded=spec.url is not None,
            is_bundled=spec.origin is Origin.BUNDLED,
            description=spec.description,
        )
