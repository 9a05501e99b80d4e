"""XMP is read by its structure: the photo's own properties and nobody else's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.imaging import xmp
from photosim.imaging.xmp import read_properties

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DATE = xmp.EXIF, "DateTimeOriginal"


def packet(body: str, head: str = "") -> bytes:
    return (
        f'{head}<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<r:RDF xmlns:r="{RDF}" xmlns:e="{xmp.EXIF}" xmlns:p="{xmp.PHOTOSHOP}" xmlns:m="urn:mm" xmlns:dc="urn:dc">'
        f'{body}</r:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def date_of(body: str) -> str | None:
    return read_properties(packet(body)).get(DATE)


def test_properties_are_attributes_elements_or_lists_under_any_prefix() -> None:
    assert date_of('<r:Description r:about="" e:DateTimeOriginal="1987"/>') == "1987"
    assert date_of("<r:Description><e:DateTimeOriginal> 1987 </e:DateTimeOriginal></r:Description>") == "1987"
    for kind in ("Seq", "Bag", "Alt"):
        body = f"<e:DateTimeOriginal><r:{kind}><r:li>1987</r:li><r:li>1990</r:li></r:{kind}></e:DateTimeOriginal>"
        assert date_of(f"<r:Description>{body}</r:Description>") == "1987"


@pytest.mark.parametrize(
    "body",
    [
        '<m:Ingredients><r:Bag><r:li r:parseType="Resource"><e:DateTimeOriginal>1999</e:DateTimeOriginal></r:li>'
        "</r:Bag></m:Ingredients>",
        '<m:Ingredients><r:Bag><r:li e:DateTimeOriginal="1999"/></r:Bag></m:Ingredients>',
        '<m:Pantry><r:Bag><r:li><r:Description e:DateTimeOriginal="1999"/></r:li></r:Bag></m:Pantry>',
        '<m:DerivedFrom r:parseType="Resource"><e:DateTimeOriginal>1999</e:DateTimeOriginal></m:DerivedFrom>',
        "<m:History><r:Seq><r:li><e:DateTimeOriginal>1999</e:DateTimeOriginal></r:li></r:Seq></m:History>",
        '<m:DerivedFrom e:DateTimeOriginal="1999"/>',
        '<dc:description><r:Alt><r:li xml:lang="en">exif:DateTimeOriginal="1999"</r:li></r:Alt></dc:description>',
        "<!-- <e:DateTimeOriginal>1999</e:DateTimeOriginal> -->",
        "<dc:text><![CDATA[<e:DateTimeOriginal>1999</e:DateTimeOriginal>]]></dc:text>",
    ],
)
def test_what_an_ingredient_a_history_or_a_text_says_is_not_the_photos(body: str) -> None:
    assert date_of(f"<r:Description>{body}</r:Description>") is None
    own = "<e:DateTimeOriginal>1987</e:DateTimeOriginal>"
    assert date_of(f"<r:Description>{body}{own}</r:Description>") == "1987"


def test_a_description_of_another_resource_is_not_the_photos() -> None:
    other = '<r:Description r:about="uuid:other" e:DateTimeOriginal="1999"/>'
    own = '<r:Description r:about="" p:City="Vienna"/>'
    assert date_of(own + other) is None
    assert date_of(own + '<r:Description e:DateTimeOriginal="1987"/>') == "1987"


def test_what_stands_before_the_damage_is_read() -> None:
    whole = packet('<r:Description e:DateTimeOriginal="1987"><p:City>Vienna</p:City></r:Description>')
    assert read_properties(whole[:-60]).get(DATE) == "1987"
    assert read_properties(whole.replace(b"</p:City>", b"</p:Town>")).get(DATE) == "1987"
    assert read_properties(b"\0\0" + whole + bytes(2000)).get(DATE) == "1987"
    assert read_properties(whole.decode().encode("utf-16")).get(DATE) == "1987"


def test_entities_are_never_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for head in (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>',
        '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ):
        body = "<r:Description><e:DateTimeOriginal>&l9;</e:DateTimeOriginal></r:Description>"
        assert read_properties(packet(body, head)) == {}


def test_deep_and_large_packets_end() -> None:
    assert date_of("<r:Description>" + "<dc:a>" * 200_000) is None
    many = "<r:Description>" + "<dc:a>x</dc:a>" * 300_000 + "<e:DateTimeOriginal>1987</e:DateTimeOriginal>"
    assert date_of(many) is None
    assert (
        len(read_properties(packet(f'<r:Description p:City="{"x" * 100_000}"/>'))[(xmp.PHOTOSHOP, "City")])
        == 1000
    )


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    read_properties(data)
    read_properties(packet("<r:Description>") + data)
