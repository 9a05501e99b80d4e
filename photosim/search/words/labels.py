"""Finding labels by the words that people type: plurals, synonyms, and words of longer labels."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from photosim.search.filters.criteria import fold_text

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "person": (
        "human",
        "man",
        "woman",
        "child",
        "kid",
        "baby",
        "boy",
        "girl",
        "people",
    ),
    "bicycle": ("bike", "cycle", "pushbike"),
    "car": ("automobile", "auto", "sedan", "motor car"),
    "motorcycle": ("motorbike", "moped"),
    "airplane": ("plane", "aeroplane", "aircraft", "jet", "airliner"),
    "bus": ("autobus", "omnibus"),
    "train": ("railway", "locomotive"),
    "truck": ("lorry",),
    "boat": ("ship", "vessel"),
    "traffic light": ("stoplight", "traffic signal", "traffic lamp"),
    "fire hydrant": ("hydrant",),
    "stop sign": (),
    "parking meter": (),
    "bench": (),
    "bird": ("birdie",),
    "cat": ("kitten", "kitty", "pussycat", "tomcat"),
    "dog": ("puppy", "pup", "doggy", "doggie", "hound"),
    "horse": ("pony", "foal", "stallion", "mare"),
    "sheep": ("lamb", "ewe"),
    "cow": ("cattle", "calf", "bull", "ox"),
    "elephant": (),
    "bear": (),
    "zebra": (),
    "giraffe": (),
    "backpack": ("rucksack", "knapsack"),
    "umbrella": ("parasol", "brolly"),
    "handbag": ("purse",),
    "tie": ("necktie",),
    "suitcase": ("luggage", "baggage"),
    "frisbee": ("flying disc", "flying disk"),
    "skis": ("ski", "skiing"),
    "snowboard": ("snowboarding",),
    "sports ball": ("ball", "football"),
    "kite": (),
    "baseball bat": (),
    "baseball glove": ("baseball mitt",),
    "skateboard": ("skateboarding",),
    "surfboard": ("surfing",),
    "tennis racket": ("racket", "racquet", "tennis racquet"),
    "bottle": (),
    "wine glass": ("wineglass",),
    "cup": ("mug", "teacup"),
    "fork": (),
    "knife": (),
    "spoon": (),
    "bowl": (),
    "banana": (),
    "apple": (),
    "sandwich": (),
    "orange": (),
    "broccoli": (),
    "carrot": (),
    "hot dog": ("hotdog",),
    "pizza": (),
    "donut": ("doughnut",),
    "cake": ("gateau",),
    "chair": (),
    "couch": ("sofa", "settee"),
    "potted plant": ("plant", "houseplant", "house plant", "pot plant"),
    "bed": (),
    "dining table": ("table", "dinner table"),
    "toilet": ("wc", "lavatory"),
    "tv": ("television", "telly", "tv set", "television set"),
    "laptop": ("notebook computer",),
    "mouse": ("computer mouse",),
    "remote": ("remote control",),
    "keyboard": ("computer keyboard",),
    "cell phone": ("phone", "mobile", "mobile phone", "smartphone", "telephone"),
    "microwave": ("microwave oven",),
    "oven": ("stove", "cooker"),
    "toaster": (),
    "sink": ("washbasin",),
    "refrigerator": ("fridge",),
    "book": (),
    "clock": (),
    "vase": (),
    "scissors": (),
    "teddy bear": ("teddy", "stuffed bear"),
    "hair drier": ("hair dryer", "hairdryer", "blow dryer"),
    "toothbrush": (),
}
"""Other words for the labels of COCO, in the singular: words that mean the same, and those for young or male and female
ones. Words for one kind of many ("duck") are left out: whoever types one does not mean every bird."""

_IRREGULAR: Mapping[str, str] = {
    "people": "person",
    "persons": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "geese": "goose",
    "oxen": "ox",
    "feet": "foot",
    "teeth": "tooth",
    "knives": "knife",
    "wolves": "wolf",
    "calves": "calf",
    "loaves": "loaf",
    "leaves": "leaf",
    "shelves": "shelf",
    "scarves": "scarf",
    "hooves": "hoof",
    "cacti": "cactus",
    "fungi": "fungus",
    "buses": "bus",
    "busses": "bus",
    "buss": "bus",
    "ties": "tie",
    "pies": "pie",
    "skis": "ski",
    "movies": "movie",
    "cookies": "cookie",
    "selfies": "selfie",
    "doggies": "doggy",
    "birdies": "birdie",
}

_ES_ENDINGS = ("ches", "shes", "sses", "xes", "zes", "oes")
"""Plurals of words that take -es; a plain -s is tried as well ("shoes", "axes")."""

_MAX_SIMILAR, _MIN_SIMILARITY = 5, 0.7
"""Labels that are offered for a misspelled word, and how alike they are at least."""

_NO_PLURAL_ENDINGS = ("ss", "us", "is")

_OTHER_THINGS = frozenset({"hot dog", "teddy bear", "sea lion", "sea horse", "prairie dog"})
"""Labels that are no kind of what their last word names."""


def forms(word: str) -> frozenset[str]:
    """Return a folded word and what may be its singular."""
    found = {word}
    if word in _IRREGULAR:
        found.add(_IRREGULAR[word])
    elif len(word) > 2 and word.endswith("s") and not word.endswith(_NO_PLURAL_ENDINGS):
        found.add(word[:-1])
        if word.endswith("ies") and len(word) > 4:
            found.add(f"{word[:-3]}y")
        elif word.endswith(_ES_ENDINGS):
            found.add(word[:-2])
    return frozenset(found)


def label_phrase(name: str) -> tuple[str, ...]:
    """Return the folded words of a label."""
    return tuple(fold_text(name).replace("-", " ").replace("_", " ").split())


def ends_with_word(name: str, word: str) -> bool:
    """Return whether a label is what this folded word names, or a kind of it: it ends with the word."""
    phrase = label_phrase(name)
    if not phrase or " ".join(phrase) in _OTHER_THINGS:
        return False
    return not forms(phrase[-1]).isdisjoint(forms(word))


class LabelIndex:
    """The labels of a model, by the words for them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._by_spelling: dict[str, str] = {}
        self._phrases: list[tuple[tuple[str, ...], str]] = []
        own = [(label_phrase(name), name) for name in self._names]
        synonyms = [
            (label_phrase(synonym), name)
            for phrase, name in own
            for synonym in SYNONYMS.get(" ".join(phrase), ())
        ]
        for phrase, name in (*own, *synonyms):  # names take precedence over synonyms
            self._phrases.append((phrase, name))
            for spelling in _spellings(phrase):
                self._by_spelling.setdefault(spelling, name)

    def exact(self, words: Sequence[str]) -> str | None:
        """Return the label that these folded words name, in the singular or plural, as one word or several."""
        for spelling in _spellings(words):
            if spelling in self._by_spelling:
                return self._by_spelling[spelling]
        return None

    def ending_with(self, word: str) -> tuple[str, ...]:
        """Return the labels that are what this folded word names, or kinds of it."""
        return tuple(name for name in self._names if ends_with_word(name, word))

    def starting_with(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the labels with a name or synonym in which these folded words follow each other.

        The last word may be the beginning of one, or the plural of one.
        """
        *whole, last = words
        endings = tuple(forms(last))
        found = (
            name
            for phrase, name in self._phrases
            if any(
                list(phrase[start : start + len(whole)]) == whole
                and (phrase[start + len(whole)].startswith(last) or phrase[start + len(whole)] in endings)
                for start in range(len(phrase) - len(whole))
            )
        )
        return tuple(dict.fromkeys(found))

    def similar_to(self, word: str) -> tuple[str, ...]:
        """Return the labels with a name, a synonym or a word in them that is spelled like this folded word, best first."""
        spellings: dict[str, str] = {}
        for phrase, name in self._phrases:
            for spelling in (" ".join(phrase), *phrase):
                spellings.setdefault(spelling, name)
        found = difflib.get_close_matches(word, spellings, _MAX_SIMILAR, _MIN_SIMILARITY)
        return tuple(dict.fromkeys(spellings[spelling] for spelling in found))


def _spellings(phrase: Sequence[str]) -> list[str]:
    """Return the spellings under which a phrase is indexed and looked up: without spaces, as it is and in the singular."""
    if not phrase:
        return []
    *start, last = phrase
    prefix = "".join(start)
    return [prefix + last, *(prefix + form for form in sorted(forms(last) - {last}))]
