"""Sentences that help a person to choose a model."""

from __future__ import annotations

from photosim.gui.base.translation import tr
from photosim.ml.models.catalog import DEFAULT, FINE
from photosim.records import ModelState


def describe_model(state: ModelState) -> str:
    """Return a sentence about a model, empty if there is none."""
    sentences = {
        DEFAULT.description: tr("Fast. Finds copies and photos that look alike."),
        FINE.description: tr(
            "Finds about 30% more photos of the same kind of thing, and copies just as well. "
            "Indexing takes about a quarter longer."
        ),
    }
    official = tr("Trained by Ultralytics on 1,000 kinds of things. Needs a download.")
    return sentences.get(state.description, official if state.can_be_downloaded else "")
