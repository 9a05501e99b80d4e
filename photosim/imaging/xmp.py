"""Read the properties of a photo from its XMP packet, by the structure of RDF (ISO 16684-1)."""

from __future__ import annotations

import contextlib
from xml.parsers import expat

Properties = dict[tuple[str, str], str]
"""Text by namespace and name; of a list, the first item."""

EXIF = "http://ns.adobe.com/exif/1.0/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
TIFF = "http://ns.adobe.com/tiff/1.0/"
XMP = "http://ns.adobe.com/xap/1.0/"

MAX_BYTES = 1_000_000
"""Bytes of a packet that are read; those of cameras have some thousand."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SEPARATOR = "\n"  # cannot be part of a namespace
_MAX_DEPTH = 100
_MAX_TEXT = 1000  # characters of one property
_LISTS = frozenset({"Alt", "Bag", "Seq"})


class _RefusedError(Exception):
    """The packet has what no XMP has: a document type, entities, or very deep nesting."""


def read_properties(packet: bytes) -> Properties:
    """Return the simple properties of the photo itself, as far as the packet is well-formed.

    Properties of an ingredient, a history or another structure are not the photo's, and neither are those of another
    resource. Entities are never expanded.
    """
    start = packet[:MAX_BYTES].find(b"<")
    if start < 0:
        return {}
    if packet.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = 0  # UTF-16: the byte order mark is needed
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    # What stands before the damage counts.
    with contextlib.suppress(expat.ExpatError, _RefusedError, ValueError, LookupError):
        parser.Parse(packet[start:MAX_BYTES].rstrip(b"\0 \r\n\t"), True)
    return reader.properties


def _refuse(*_: object) -> None:
    raise _RefusedError


class _Reader:
    """Handles the elements of a packet; `properties` are those found so far."""

    def __init__(self) -> None:
        self.properties: Properties = {}
        self._path: list[tuple[str, str]] = []
        self._rdf_depth: int | None = None
        self._about: str | None = None
        self._is_own = False
        self._property: tuple[str, str] | None = None
        self._parts: list[str] = []
        self._has_item = False

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        name = _split(qualified)
        self._path.append(name)
        if len(self._path) > _MAX_DEPTH:
            raise _RefusedError
        if self._rdf_depth is None:
            if name == (_RDF, "RDF"):
                self._rdf_depth = len(self._path)
            return
        depth = len(self._path) - self._rdf_depth
        if depth == 1:
            self._start_resource(attributes)
        elif depth == 2:
            is_structure = f"{_RDF}{_SEPARATOR}parseType" in attributes
            self._property = name if self._is_own and not is_structure else None
            self._parts, self._has_item = [], False
        elif self._property is not None:
            is_list = depth == 3 and name[0] == _RDF and name[1] in _LISTS
            is_item = depth == 4 and name == (_RDF, "li")
            if not (is_list or is_item) or (is_item and f"{_RDF}{_SEPARATOR}parseType" in attributes):
                self._property = None  # a structure

    def end(self, _name: str) -> None:
        depth = 0 if self._rdf_depth is None else len(self._path) - self._rdf_depth
        self._path.pop()
        if self._rdf_depth is not None and len(self._path) < self._rdf_depth:
            self._rdf_depth = None
        if depth == 4 and self._property is not None:
            self._has_item = True
        if depth == 2 and self._property is not None:
            self._add(self._property, "".join(self._parts))
            self._property = None

    def text(self, text: str) -> None:
        if self._property is not None and not self._has_item and sum(map(len, self._parts)) < _MAX_TEXT:
            self._parts.append(text)

    def _start_resource(self, attributes: dict[str, str]) -> None:
        """Start a description; its attributes are properties too."""
        about = attributes.get(f"{_RDF}{_SEPARATOR}about", attributes.get("about", ""))
        if self._about is None:
            self._about = about
        self._is_own = about == self._about
        if self._is_own:
            for qualified, value in attributes.items():
                self._add(_split(qualified), value)

    def _add(self, name: tuple[str, str], value: str) -> None:
        if name[0] != _RDF and value.strip():
            self.properties.setdefault(name, value.strip()[:_MAX_TEXT])


def _split(qualified: str) -> tuple[str, str]:
    namespace, _, name = qualified.rpartition(_SEPARATOR)
    return namespace, name
