"""The errors of PhotoSim. Each message is a sentence for the user: what happened and, if possible, what to do."""

from photosim.paths import valid_text


class PhotoSimError(Exception):
    """Base of all errors whose message is shown to the user as it is.

    Names of files in it come from anywhere: control characters and bytes that are no text are escaped.
    """

    def __str__(self) -> str:
        return valid_text(super().__str__())


class UnreadablePhotoError(PhotoSimError):
    """A photo can't be read; the message is the reason."""


class UnreachablePhotoError(UnreadablePhotoError):
    """A photo can't be read at present, for lack of permission, drive or memory; unchanged, it may be later."""


class FolderError(PhotoSimError):
    """A folder does not exist or can't be listed."""


class NoTrashError(PhotoSimError):
    """A file can't be moved to the trash because its drive has none."""


class LibraryError(PhotoSimError):
    """A library belongs to another program, is newer than this one, damaged or locked."""


class UnanalyzedPhotoError(LibraryError):
    """A photo can't be searched by: it is no longer in the library, or the model in use has not analyzed it."""


class LibraryLockedError(LibraryError):
    """Another PhotoSim is writing to the library."""


class LabelError(PhotoSimError):
    """A label does not exist in the library, or labels are off."""


class DamagedLibraryError(LibraryError):
    """A file of the library is damaged; `photosim repair` saves what can be read of it."""


class ReadOnlyLibraryError(LibraryLockedError):
    """The library is in a read-only location."""


class ModelError(PhotoSimError):
    """A model file is missing, damaged, not trusted or gives no embeddings."""
