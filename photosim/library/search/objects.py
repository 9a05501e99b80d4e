"""The objects in the photos of a library: what they are and where, and searches by them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from photosim.errors import LabelError
from photosim.library.labels import DISABLED
from photosim.library.models.object_view import ObjectView
from photosim.library.models.view import ModelView, Vector
from photosim.library.search.filters import FilterResult
from photosim.library.search.object_search import ObjectSearch
from photosim.library.search.similarity import Embed, SimilaritySearch
from photosim.records import Match, StoredObject
from photosim.search.query import SimilarityQuery
from photosim.store.catalog import Catalog

_OBJECTS_A_PHOTO = 3
"""Objects requested for a photo: some of them are of the same photo."""


class LibraryObjects:
    """The objects that one model found, usable from any thread.

    They are a part of the labels: while these are disabled, no objects are returned and none are added.
    """

    def __init__(
        self,
        catalog: Catalog,
        view: ModelView,
        similarity: SimilaritySearch,
        labels_enabled: Callable[[], bool],
    ) -> None:
        self._similarity, self._labels_enabled = similarity, labels_enabled
        self._view = ObjectView(view.folder, catalog.database, view.model)
        self.table, self.index_builder = self._view.table, self._view.index_builder
        self._model = view.model
        self._search = ObjectSearch(catalog, view.model, self._view, similarity, view.embed_example)

    @property
    def enabled(self) -> bool:
        """Whether labels are on and the model finds objects."""
        return self._model.object_dimensions > 0 and self._labels_enabled()

    def check_enabled(self) -> None:
        """Raise LabelError if labels are off or the model finds no objects."""
        if not self._labels_enabled():
            raise LabelError(DISABLED)
        if not self.enabled:
            raise LabelError(
                f"The model {self._model.title} doesn't find objects. Choose another one to search by them."
            )

    def of_photo(self, photo_id: int) -> tuple[StoredObject, ...]:
        """Return the named objects in a photo, best first."""
        return self.of_photos([photo_id]).get(photo_id, ())

    def of_photos(self, photo_ids: Sequence[int]) -> dict[int, tuple[StoredObject, ...]]:
        """Return the named objects in these photos by photo id, best first, leaving out photos without any."""
        return self.table.of_photos(photo_ids) if self.enabled else {}

    def nearest_photos(self, vectors: Vector, count: int) -> list[int]:
        """Return up to `count` photos with the objects nearest to embeddings of objects (Q, D), best first."""
        _, photo_ids, _, _ = self._view.nearest(vectors, _OBJECTS_A_PHOTO * count)
        return list(dict.fromkeys(photo_ids.tolist()))[:count]

    def search(
        self,
        query: SimilarityQuery,
        k: int = 50,
        embed: Embed | None = None,
        within: FilterResult | None = None,
        min_similarity: float = -1.0,
    ) -> list[Match]:
        """Return the `k` best matches among objects; see `ObjectSearch.search`."""
        return self._search.search(query, k, embed, within, min_similarity) if self.enabled else []

    def search_region(
        self,
        query: SimilarityQuery,
        k: int = 50,
        embed: Embed | None = None,
        within: FilterResult | None = None,
        min_similarity: float = -1.0,
    ) -> list[Match]:
        """Return the `k` best matches among objects and whole photos; see `ObjectSearch.search_region`."""
        if not self.enabled:
            photos = query.as_kind(is_object=False)
            return self._similarity.search(photos, k, embed, within, min_similarity)
        return self._search.search_region(query, k, embed, within, min_similarity)
