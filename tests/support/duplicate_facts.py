"""Random facts about duplicates, for property tests."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from hypothesis import strategies as st

from photosim.duplicates.facts import Content, DuplicateFacts
from photosim.duplicates.groups import pair_of
from photosim.duplicates.keep_rules import KeepRule, KeepRuleSet
from photosim.duplicates.results import JudgedPair, Verdict, VerdictRow
from photosim.records import Photo, PhotoFacts
from tests.support.duplicates import digest_of

NOW = "2026-11-30T08:00:00+00:00"
FOLDERS = ("/a", "/a/inner", "/b")
MIN_CONFIDENCE = 0.5


@dataclass(frozen=True)
class Case:
    """Facts, verdicts and rules that go together."""

    facts: DuplicateFacts
    verdicts: tuple[VerdictRow, ...]
    rules: KeepRuleSet


def make_content(number: int, folders: Sequence[str], width: int, missing: Sequence[bool] = ()) -> Content:
    """Return a content with a file in each of these folders, the names and ids of which follow from its number."""
    files = []
    for place, folder in enumerate(folders):
        facts = PhotoFacts(width, 10, "JPEG", f"2024-05-{number:02}T10:00:00", taken_from="exif")
        is_missing = place < len(missing) and missing[place]
        path = f"{folder}/{number}-{place}.jpg"
        files.append(Photo(number * 10 + place, number, path, 100 + number, 1, facts, missing=is_missing))
    files.sort(key=lambda file: file.path)
    return Content(number, digest_of(number), tuple(files), float(width % 7))


def cases() -> st.SearchStrategy[Case]:
    """Return cases with up to eight contents, with pairs, bursts, verdicts, and rules of all kinds."""
    return st.integers(0, 2**32 - 1).map(lambda seed: random_case(random.Random(seed)))


def random_case(rng: random.Random) -> Case:
    """Return a random case."""
    numbers = range(1, rng.randint(2, 8) + 1)
    contents = {
        number: make_content(
            number,
            rng.choices(FOLDERS, k=rng.randint(1, 3)),
            rng.choice((10, 11, 20, 40)),
            [rng.random() < 0.2 for _ in range(3)],
        )
        for number in numbers
    }
    both = list(combinations(numbers, 2))
    pairs = {pair: JudgedPair(*pair, rng.choice((0.3, 0.6, 0.9))) for pair in both if rng.random() < 0.4}
    order = rng.sample(numbers, len(numbers))
    files = [file.file_id for content in contents.values() for file in content.files]
    facts = DuplicateFacts(
        contents,
        pairs,
        [link for link in pairwise(order) if rng.random() < 0.6],
        offline=frozenset(file_id for file_id in files if rng.random() < 0.15),
        edited=frozenset(file_id for file_id in files if rng.random() < 0.15),
    )
    rows = []
    for one, other in both:
        if rng.random() < 0.25:
            verdict, confidence = rng.choice(list(Verdict)), rng.choice((None, 0.4))
            rows.append(VerdictRow(digest_of(one), digest_of(other), verdict, NOW, confidence))
    for number in numbers:
        if rng.random() < 0.25:
            verdict, copies = rng.choice(((Verdict.SAME, 1), (Verdict.KEPT, 2)))
            rows.append(VerdictRow(digest_of(number), digest_of(number), verdict, NOW, None, copies))
    rules = KeepRuleSet(
        copies=tuple(rng.sample(list(KeepRule), rng.randint(0, 5))),
        bursts=tuple(rng.sample(list(KeepRule), rng.randint(0, 5))),
        protected=rng.choice(((), ("/a",), ("/b",))),
        folders=rng.choice(((), ("/b", "/a"))),
        across_folders=rng.random() < 0.3,
    )
    return Case(facts, tuple(rows), rules)


def shuffled(case: Case, rng: random.Random) -> Case:
    """Return a case with its photos numbered in another way and all rows in another order."""
    numbers = list(case.facts.contents)
    new_ids = dict(zip(numbers, rng.sample(range(100, 200), len(numbers)), strict=True))
    contents = [
        replace(
            content,
            photo_id=new_ids[number],
            files=tuple(replace(file, photo_id=new_ids[number]) for file in content.files),
        )
        for number, content in rng.sample(list(case.facts.contents.items()), len(numbers))
    ]
    pairs = {}
    for pair in rng.sample(list(case.facts.pairs.values()), len(case.facts.pairs)):
        first, second = pair_of(new_ids[pair.first], new_ids[pair.second])
        pairs[first, second] = JudgedPair(first, second, pair.confidence)
    links = [(new_ids[one], new_ids[other]) for one, other in case.facts.links]
    facts = replace(
        case.facts,
        contents={content.photo_id: content for content in contents},
        pairs=pairs,
        links=rng.sample(links, len(links)),
    )
    return replace(case, facts=facts, verdicts=tuple(rng.sample(case.verdicts, len(case.verdicts))))
