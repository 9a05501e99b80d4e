"""The errors of PhotoSim: each message is a sentence that a person can act on."""


class PhotoSimError(Exception):
    """Base of all errors that are shown to a person as they are."""


class UnreadablePhotoError(PhotoSimError):
    """One photo cannot be read; the message is the reason in plain words."""


class UnreachablePhotoError(UnreadablePhotoError):
    """A photo cannot be read just now: permission, drive or memory are lacking; later it may be, unchanged."""


class FolderError(PhotoSimError):
    """A folder that was asked for is not there or cannot be listed."""


class LibraryError(PhotoSimError):
    """A library is not ours, is newer than the program, is damaged or is locked."""


class LibraryLockedError(LibraryError):
    """Another PhotoSim is writing to this library."""


class LabelError(PhotoSimError):
    """A label is not known in this library, or labels are switched off."""


class DamagedLibraryError(LibraryError):
    """A file of the library is damaged; `photosim repair` saves what can be read of it."""


class ReadOnlyLibraryError(LibraryLockedError):
    """The library lies where nothing can be written: it can be looked at and not changed."""


class ModelError(PhotoSimError):
    """A model file is missing, damaged, not trusted or of a kind that gives no embedding."""
