"""The rest of a YOLO11 after the layers that an embedding needs: how sure the model is of each of its classes."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class LabelHead(nn.Module):
    """Goes on where the embedding stopped; the network must be fused.

    A classification model ends in one score for each class. Of the others (detection, segmentation, pose, oriented
    boxes) only the branch that tells classes is run: a label is the best score of its class anywhere in the photo, so
    boxes are never worked out and none need be suppressed.
    """

    def __init__(self, model: Any, last: int) -> None:
        """`last` is the last layer that the embedding has run."""
        super().__init__()
        head: Any = model.model[-1]
        self.first = last + 1
        self.between = model.model[last + 1 : -1].to(memory_format=torch.channels_last)
        self.is_classifier = model.task == "classify"
        self.sources = [head.f] if isinstance(head.f, int) else list(head.f)
        if self.is_classifier:
            # An embedding of the classifier's own layer has run its convolution.
            self.convolution = nn.Identity() if last == head.i else head.conv
            self.branches = nn.ModuleList([head.linear])
        else:
            self.branches = head.cv3.to(memory_format=torch.channels_last)

    def inputs(self) -> set[int]:
        """The layers whose outputs `forward` reads, -1 being the one before."""
        between = (([layer.f] if isinstance(layer.f, int) else layer.f) for layer in self.between)
        return {source for sources in (*between, self.sources) for source in sources}

    def forward(self, outputs: dict[int, torch.Tensor]) -> torch.Tensor:
        """Scores (N, classes), float32 in 0..1, from the outputs of the earlier layers, the last one among them."""
        outputs = dict(outputs)
        for index, layer in enumerate(self.between, self.first):
            x = [outputs[index - 1 if source == -1 else source] for source in _sources(layer)]
            outputs[index] = layer(x if isinstance(layer.f, list) else x[0])
        last = self.first + len(self.between) - 1
        found = [outputs[last if source == -1 else source] for source in self.sources]
        if self.is_classifier:
            features = self.convolution(found[0]).mean(dim=(2, 3))
            sure: torch.Tensor = self.branches[0](features).float().softmax(dim=1)
            return sure
        # The largest of all places first: the sigmoid keeps the order, and 80 values are fewer than 80,000.
        best = [_largest(branch(x)) for branch, x in zip(self.branches, found, strict=True)]
        return torch.stack(best).amax(dim=0).float().sigmoid()


def _largest(features: torch.Tensor) -> torch.Tensor:
    """The largest answer of each channel, (N, C, H, W) to (N, C): a fifth of the time of amax, channels last."""
    return nn.functional.max_pool2d(features, features.shape[2:]).flatten(1)


def _sources(layer: Any) -> list[int]:
    return [layer.f] if isinstance(layer.f, int) else layer.f
