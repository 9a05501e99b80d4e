"""Find out whether an image was made from a photo, or the photo from the image, and where one lies in the other."""
