"""Copy, move, rename and trash the files of photos: all files of a photo or none, and recover what was interrupted."""
