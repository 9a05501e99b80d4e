"""What the window says of file operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from photosim.files.operations.operation_log import LogKind
from photosim.files.operations.transfer import TransferFailure, TransferReport
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.library.files.operations import FileOperation, OperationKind


def operation_name(kind: OperationKind) -> str:
    """The name of an operation in the menu of Undo."""
    return {
        OperationKind.COPY: tr("Copy"),
        OperationKind.MOVE: tr("Move"),
        OperationKind.TRASH: tr("Move to Trash"),
        OperationKind.DELETE: tr("Delete"),
    }[kind]


def running_text(operation: FileOperation) -> str:
    """What is being done."""
    if operation.kind is OperationKind.DELETE:
        return tr("Deleting")
    if operation.kind is OperationKind.TRASH:
        return tr("Moving to trash")
    moves = operation.kind is OperationKind.MOVE
    text = tr("Moving to “{folder}”") if moves else tr("Copying to “{folder}”")
    return text.format(folder=formatting.display_name(str(operation.folder)))


def undo_text(kind: OperationKind) -> str:
    """What is being undone."""
    return {
        OperationKind.COPY: tr("Undoing copy"),
        OperationKind.MOVE: tr("Undoing move"),
    }.get(kind, tr("Restoring from trash"))


def result_text(operation: FileOperation, count: int) -> str:
    """What was done with this number of photos."""
    if operation.kind is OperationKind.DELETE:
        return tr("%Ln photo(s) deleted.", "", count)
    if operation.kind is OperationKind.TRASH:
        return tr("%Ln photo(s) moved to trash.", "", count)
    moves = operation.kind is OperationKind.MOVE
    text = (
        tr("%Ln photo(s) moved to “{folder}”.", "", count)
        if moves
        else tr("%Ln photo(s) copied to “{folder}”.", "", count)
    )
    return text.format(folder=formatting.display_name(str(operation.folder)))


def recovered_text(recovered: Mapping[LogKind, int]) -> str:
    """What was finished at the start after a crash: the numbers of files by what was done with them."""
    texts = {
        LogKind.COPY: tr("%Ln file(s) copied", "", recovered.get(LogKind.COPY, 0)),
        LogKind.MOVE: tr("%Ln file(s) moved", "", recovered.get(LogKind.MOVE, 0)),
        LogKind.RESTORE: tr("%Ln file(s) restored", "", recovered.get(LogKind.RESTORE, 0)),
        LogKind.TRASH: tr("%Ln file(s) moved to trash", "", recovered.get(LogKind.TRASH, 0)),
    }
    done = ", ".join(texts[kind] for kind in LogKind if recovered.get(kind))
    return tr("An interrupted operation was finished: {done}.").format(done=done)


def common_reason(failures: Sequence[TransferFailure]) -> str:
    """Why photos were not changed, if there is one reason for all."""
    reasons = {failure.reason for failure in failures}
    return reasons.pop() if len(reasons) == 1 else tr("There are several reasons.")


def failure_texts(report: TransferReport) -> tuple[str, str]:
    """Why photos were not changed: a summary, and details with a line for each photo."""

    def line(failure: TransferFailure) -> str:
        return f"{formatting.display_path(failure.path)}: {failure.reason}"

    first = report.failed[0]
    if len(report.failed) == 1:
        text = tr("“{name}” wasn't changed: {reason}").format(
            name=formatting.display_name(first.path), reason=first.reason
        )
    else:
        text = tr("%Ln photo(s) (wasn't|weren't) changed: {reason}", "", len(report.failed))
        text = text.format(reason=common_reason(report.failed))
    return text, "\n".join(line(failure) for failure in report.failed)
