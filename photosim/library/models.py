"""The models of one library: which one says what looks alike, which one is to, and what each has seen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path

from photosim import settings
from photosim.errors import ModelError
from photosim.files.fspaths import is_unchanged
from photosim.indexing import throughput as pacing
from photosim.indexing.reader import PhotoReader
from photosim.library.model_switch import ModelSwitch
from photosim.library.model_view import ModelView
from photosim.ml import catalog as model_catalog
from photosim.ml.catalog import DEFAULT, ModelSpec, Origin
from photosim.ml.registry import ModelRegistry, RegisteredModel
from photosim.records import ModelState, Progress
from photosim.runtime.control import JobControl
from photosim.search import index_files
from photosim.store.catalog import Catalog
from photosim.store.memory import EmbeddingTable

_log = logging.getLogger(__name__)


class ModelManager:
    """Which model answers in the library in `folder`, and which ones could; `writing` takes the library's lock.

    A model that is chosen answers once it has looked at all photos that can be read just now. Until then the one
    before goes on, and `change` shows it the photos. What every model saw is kept until it is dropped.
    """

    def __init__(
        self,
        folder: Path,
        catalog: Catalog,
        registry: ModelRegistry,
        writing: Callable[[], AbstractContextManager[None]],
        model: ModelSpec | None = None,
    ) -> None:
        self.registry = registry
        self._folder, self._catalog, self._writing = folder, catalog, writing
        self._memory = EmbeddingTable(catalog.database)
        self.active = self._view(model or self._chosen())
        """What the model in use says of the library."""

    # --- asking ------------------------------------------------------------------------------------------

    @property
    def next_model(self) -> ModelSpec | None:
        """The model that takes over when it has looked at the photos."""
        word = settings.load(self._folder).next_model
        with suppress(ModelError):
            entry = self.registry.find(word) if word else None
            return None if entry == self.active.model else entry
        return None

    def switch_progress(self) -> tuple[str, int] | None:
        """The id of the model that is to take over, and how many of the readable files it has looked at."""
        entry = self.next_model
        return None if entry is None else (entry.id, self._catalog.photo_counts(entry.id)[1])

    def states(self) -> list[ModelState]:
        """All models, the catalogue's first, then the person's own, then those of which only the memory is left."""
        photos, seen = self._catalog.photo_counts(self.active.model.id)[0], self._memory.counts()
        used, coming = self.active.model, self.next_model
        shelved: list[RegisteredModel] = []
        for model in self.registry.all():
            shelved.append(model)
            other = model_catalog.alternative_of(model.spec)
            if other is not None and (other in (used, coming) or other.id in seen):
                shelved.append(replace(model, spec=other))
        known = {model.spec.id for model in shelved}
        left = [
            ModelState(word, word, word, count, photos, is_orphaned=True)
            for word, count in sorted(seen.items())
            if word not in known
        ]
        return [self._state(model, used, coming, photos, seen) for model in shelved] + left

    # --- changing ----------------------------------------------------------------------------------------

    def use(self, word: str) -> ModelSpec:
        """Let the model with this id or name say what looks alike: at once, when it has looked at the photos.

        Raises ModelError when there is no such model or its file is missing or damaged.
        """
        entry = self.registry.installed(word)
        if self._is_ready(entry):
            self._switch_to(entry)
        else:
            settings.save(self._folder, replace(settings.load(self._folder), next_model=entry.id))
        return entry

    def switch(
        self, before: Progress, reader_for: Callable[[ModelView], PhotoReader], control: JobControl
    ) -> Iterator[Progress]:
        """Show the photos to the model that is to take over, if there is one, and let it; the lock is held.

        `before` is the last report of the indexing that came first; the last report here has the phase DONE too.
        Raises ModelError, and gives the change up, when the model cannot be loaded.
        """
        entry = self.next_model
        if entry is None or before.cancelled:
            yield before
            return
        view = self._view(entry)
        change = ModelSwitch(
            *(view, self._catalog, self._memory, reader_for(view), control),
            is_wanted=lambda: self.next_model == entry,
        )
        try:
            yield from change.run(before)
        except ModelError as error:
            used = self.active.model
            self._switch_to(used)
            raise ModelError(
                f"{entry.title} cannot look at the photos, so {used.title} goes on saying what looks alike. {error}"
            ) from error
        took_over = change.is_active
        if took_over:
            self._switch_to(entry)
        yield replace(before, cancelled=control.cancelled, next_model=entry.title, model_switched=took_over)

    def reload_choice(self) -> bool:
        """Answer with the model that is chosen by now, perhaps in another process; whether that is another one."""
        entry = self._chosen()
        if entry == self.active.model:
            return False
        self.active = self._view(entry)
        return True

    def delete_data(self, word: str) -> int:
        """Forget what a model saw of this library; returns of how many photos.

        Raises ModelError for the one in use or about to be.
        """
        try:
            model = self.registry.find(word).id
        except ModelError:
            if word not in self._memory.counts():
                raise
            model = word
        self._refuse_if_needed(lambda entry: entry.id == model)
        with self._writing():
            count = self._memory.delete(model)
            with suppress(OSError):
                index_files.delete_index(index_files.index_folder(self._folder, model))
                index_files.index_folder(self._folder, model).rmdir()
        return count

    def remove_file(self, word: str) -> None:
        """Delete the file of a model that was downloaded or taken in; what it saw stays.

        Raises ModelError for the one in use or about to be, and for one that belongs to PhotoSim.
        """
        file = self.registry.find(word).file
        self._refuse_if_needed(lambda entry: entry.file == file and entry.origin is not Origin.BUNDLED)
        self.registry.remove(word)

    # --- helpers -----------------------------------------------------------------------------------------

    def _view(self, entry: ModelSpec) -> ModelView:
        return ModelView(self._folder, self._catalog.database, entry, self.registry.weights_path(entry))

    def _is_ready(self, entry: ModelSpec) -> bool:
        """Whether a model may take over: nothing is left to show it, or the one in use has nothing to say."""
        used = self.active.model
        if entry == used or not self._memory.has_any(used.id):
            return True
        return not any(is_unchanged(file) for _, file in self._memory.files_without(entry.id))

    def _switch_to(self, entry: ModelSpec) -> None:
        chosen = "" if entry == DEFAULT else entry.id
        settings.save(self._folder, replace(settings.load(self._folder), model=chosen, next_model=""))
        if entry != self.active.model:
            self.active = self._view(entry)

    def _chosen(self) -> ModelSpec:
        kept = settings.load(self._folder)
        if not kept.model:
            return DEFAULT
        try:
            return self.registry.find(kept.model)
        except ModelError:
            _log.warning("%s is not on this computer: %s answers in %s", kept.model, DEFAULT.id, self._folder)
            return DEFAULT

    def _refuse_if_needed(self, concerns: Callable[[ModelSpec], bool]) -> None:
        used, coming = self.active.model, self.next_model
        if concerns(used):
            raise ModelError(f"{used.title} is in use in this library: choose another model first.")
        if coming is not None and concerns(coming):
            raise ModelError(
                f"{coming.title} is about to take over in this library: choose another model first."
            )

    def _state(
        self,
        model: RegisteredModel,
        used: ModelSpec,
        coming: ModelSpec | None,
        photos: int,
        seen: dict[str, int],
    ) -> ModelState:
        entry = model.spec
        count, pace = seen.get(entry.id, 0), pacing.load_throughput(self._folder)
        return ModelState(
            id=entry.id,
            name=entry.name,
            title=entry.title,
            embedded=count,
            photos=photos,
            seconds_left=None if pace is None else pace.seconds_for(entry) * max(photos - count, 0),
            origin=str(entry.origin),
            dimensions=entry.dimensions,
            bytes=model.bytes,
            installed=model.installed,
            in_use=entry == used,
            is_next=entry == coming,
            is_alternative=entry.is_alternative,
            can_be_downloaded=entry.url is not None,
            is_bundled=entry.origin is Origin.BUNDLED,
        )
