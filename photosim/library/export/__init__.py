"""What a library writes for other programs and other libraries."""
