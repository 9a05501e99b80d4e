"""Pictures that compare two photos: where they differ, and one as the other shows it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from photosim.duplicates.results import CopyRelation
from photosim.gui.base.jobs import CancelToken

_EDGE = 1600
"""Longest side of the picture in pixels: more than a pane shows."""

_GAIN = 4
"""Differences are multiplied by this, or the noise of another compression would be all there is to see."""

_WHOLE, _MIN_TURN = 0.97, 2.0
"""Share of a photo, and degrees, from which a copy counts as cropped and turned."""

_UNKNOWN = 60, 60, 64, 255

_IGNORE, _SMOOTH = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation


def make_difference(keep: QImage, copy: QImage, relation: CopyRelation | None, cancel: CancelToken) -> QImage:
    """Return the amplified absolute difference of a copy and the photo to keep, black where they are equal.

    Their brightness and contrast are matched first, which would hide all other differences. It has the shape of the
    copy. Where the photo to keep shows nothing of it, the picture is grey. Runs in a job.
    """
    size = copy.size().scaled(QSize(_EDGE, _EDGE), Qt.AspectRatioMode.KeepAspectRatio)
    if size.width() > copy.width():
        size = copy.size()
    one = copy.scaled(size, _IGNORE, _SMOOTH)
    cancel.check()
    other = _aligned(keep, size, relation)
    cancel.check()
    pixels, reference = _rgba(one), _rgba(other)
    is_covered = reference[..., 3] == 255
    result = np.full((*pixels.shape[:2], 4), 255, np.uint8)
    for channel in range(3):
        cancel.check()
        matched = _with_tone_of(reference[..., channel], pixels[..., channel], is_covered)
        difference = np.abs(pixels[..., channel] - matched) * _GAIN
        result[..., channel] = np.minimum(difference, 255)
    result[~is_covered] = _UNKNOWN
    height, width = result.shape[:2]
    picture = QImage(result.data, width, height, width * 4, QImage.Format.Format_RGBA8888)
    return picture.convertToFormat(QImage.Format.Format_RGB32)  # owns its pixels


def align_to_copy(keep: QImage, copy: QImage, relation: CopyRelation, cancel: CancelToken) -> QImage:
    """Return the part of the photo to keep that a copy shows, in the shape of the copy. Runs in a job.

    Where the photo to keep shows nothing of it, the picture is grey.
    """
    cancel.check()
    picture = QImage(copy.size(), QImage.Format.Format_RGB32)
    picture.fill(QColor(*_UNKNOWN))
    painter = QPainter(picture)
    painter.drawImage(0, 0, _aligned(keep, copy.size(), relation))
    painter.end()
    return picture


def is_aligned(relation: CopyRelation | None) -> bool:
    """Whether a copy shows all of the photo to keep in the same way, or it is not known how it shows it."""
    if relation is None:
        return True
    turned = min(relation.turned, 360 - relation.turned)
    return relation.covers >= _WHOLE and turned < _MIN_TURN and not relation.is_mirrored


def outline_of(relation: CopyRelation | None) -> Sequence[QPointF]:
    """The corners of a copy in fractions of the photo to keep; none where it shows all of it, or is not aligned."""
    if relation is None or relation.covers >= _WHOLE:
        return ()
    inverse, is_invertible = transform_of(relation).inverted()
    if not is_invertible:
        return ()
    return tuple(inverse.map(QPointF(x, y)) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1)))


def transform_of(relation: CopyRelation) -> QTransform:
    """The transform from fractions of the photo to keep to fractions of the copy."""
    a, b, c, d, e, f = relation.matrix
    return QTransform(a, d, b, e, c, f)


def _aligned(keep: QImage, size: QSize, relation: CopyRelation | None) -> QImage:
    """The photo to keep as the copy shows it, transparent where it shows more."""
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if relation is not None:
        to_size = QTransform.fromScale(size.width(), size.height())
        painter.setTransform(transform_of(relation) * to_size)
        shrunk = _shrunk(keep, size, relation)
        painter.drawImage(QRectF(0, 0, 1, 1), shrunk)
    else:
        painter.drawImage(image.rect(), keep.scaled(size, _IGNORE, _SMOOTH))
    painter.end()
    return image


def _with_tone_of(
    source: npt.NDArray[np.uint8], target: npt.NDArray[np.uint8], is_covered: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float32]:
    """A channel (H, W) with the mean and the contrast that another one has where both are known."""
    known, wanted = source[is_covered], target[is_covered]
    if not known.size:
        return source.astype(np.float32)
    contrast = float(wanted.std()) / max(float(known.std()), 1.0)
    return (source.astype(np.float32) - float(known.mean())) * np.float32(contrast) + float(wanted.mean())


def _shrunk(keep: QImage, size: QSize, relation: CopyRelation) -> QImage:
    """The photo to keep at about the scale of the copy: painting it much smaller would skip pixels."""
    a, b, _, d, e, _ = relation.matrix
    scale = max(abs(a * e - b * d) ** 0.5, 0.01)
    longest = max(size.width(), size.height()) / scale * 1.2
    if longest >= max(keep.width(), keep.height()):
        return keep
    return keep.scaled(round(longest), round(longest), Qt.AspectRatioMode.KeepAspectRatio, _SMOOTH)


def _rgba(image: QImage) -> np.ndarray:
    """The pixels of an image, (H, W, 4) uint8."""
    converted = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(converted.constBits(), np.uint8, converted.sizeInBytes())
    return rows.reshape(converted.height(), -1, 4)[:, : converted.width()].copy()
