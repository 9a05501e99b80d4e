"""Keeps several canvases on the same part of their pictures, whatever size each has."""

from __future__ import annotations

from collections.abc import Sequence

from photosim.gui.viewer.compare_canvas import CompareCanvas


class LinkedViews:
    """While `linked`, what is done to one canvas is done to all."""

    def __init__(self) -> None:
        self.linked = True
        self._canvases: list[CompareCanvas] = []
        self._leading = False

    def take(self, canvases: Sequence[CompareCanvas]) -> None:
        """Keep these together from now on."""
        for canvas in self._canvases:
            canvas.moved.disconnect(self._follow)
        self._canvases = list(canvases)
        for canvas in self._canvases:
            canvas.moved.connect(self._follow)

    def link(self, linked: bool, leader: CompareCanvas | None = None) -> None:
        """Move all together, beginning where the leader is; or each by itself."""
        self.linked = linked
        if linked and leader is not None:
            self._follow(leader)

    def _follow(self, leader: CompareCanvas) -> None:
        if not self.linked or self._leading:
            return
        self._leading = True
        try:
            for canvas in self._canvases:
                if canvas is not leader:
                    canvas.stand(leader.standing)
        finally:
            self._leading = False
