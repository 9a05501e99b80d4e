"""The models of a library, and the library as each of them sees it."""
