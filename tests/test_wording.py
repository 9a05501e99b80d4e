"""The words that a user sees: collected from the source, held to the vocabulary of photo apps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "photosim"

_FORBIDDEN = (
    r"deeds?|errands?|wish(es|ed)?|curtains?|shelf|shelves|desks?|eyes?|upkeep|signposts?|gentle|chosen",
    r"the person|what looks (like|alike)|looks? (like|alike)|look at|looks at|looking at|take over|takes over|taking over",
    r"pull(ed)? out|forgotten|forget (them|my)|brought back|thrown away|left alone|likeness|likenesses",
    r"stay as (it is|they are)|the closest one|none of them|is not there any more|nothing fits",
)
"""What STYLE asks to leave out: home-made names and phrases where a photo app has a word."""

_FORBIDDEN_WORD = re.compile(rf"\b({'|'.join(_FORBIDDEN)})\b", re.IGNORECASE)
_ALLOWED = {"forget-missing", "photos that look alike"}
"""A command of the command line, and the program's own summary of what it finds."""

_SENTENCE = re.compile(r"[a-z]{2,}.* .*[a-z]{2,}|^[A-Z][a-z]+$", re.DOTALL)
_SETTERS = {
    "setText",
    "setToolTip",
    "setWindowTitle",
    "setAccessibleName",
    "setAccessibleDescription",
    "setPlaceholderText",
    "setStatusTip",
    "setTitle",
    "addAction",
    "addButton",
}
"""Qt's methods whose text is shown or read aloud."""


def docstrings(tree: ast.AST) -> set[ast.Constant]:
    """Docstrings, also those below assignments: nobody sees them in the program."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """String constants of a module that read like a text: its line, and the text."""
    tree = ast.parse(path.read_text("utf-8"))
    hidden = docstrings(tree)
    for node in ast.walk(tree):
        if node in hidden or not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if _SENTENCE.search(node.value):
            yield node.lineno, node.value


def visible_texts() -> Iterator[tuple[str, str]]:
    """Every text that a user may see, with where it is written."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.is_relative_to(PACKAGE / "store") and path.name != "database.py":
            continue  # SQL, and errors that are raised elsewhere
        for line, text in literals(path):
            yield f"{path.relative_to(ROOT)}:{line}", text
    manual = ROOT / "packaging" / "linux" / "photosim.1"
    for number, text in enumerate(manual.read_text("utf-8").splitlines(), 1):
        yield f"{manual.relative_to(ROOT)}:{number}", text


def calls_of_tr() -> Iterator[tuple[str, ast.Call]]:
    """Every call of `tr` in the window, with where it is written."""
    for path in sorted((PACKAGE / "gui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_no_text_uses_a_word_that_only_we_would_use() -> None:
    found = []
    for place, text in visible_texts():
        rest = text
        for allowed in _ALLOWED:
            rest = rest.replace(allowed, "")
        found += [f"{place}: “{match[0]}” in {text!r}" for match in _FORBIDDEN_WORD.finditer(rest)]
    assert not found, "\n".join(found)


def test_there_are_texts_to_collect() -> None:
    assert sum(1 for _ in visible_texts()) > 500


@pytest.mark.parametrize(
    "text", ["Only what looks like it", "The wish was granted", "Pulled out of the cluster"]
)
def test_a_forbidden_phrase_is_found(text: str) -> None:
    assert _FORBIDDEN_WORD.search(text)


def test_texts_for_translation_are_literals() -> None:
    broken = [
        place
        for place, call in calls_of_tr()
        if not isinstance(call.args[0], ast.Constant) or not isinstance(call.args[0].value, str)
    ]
    assert not broken, broken


def test_counts_are_plurals_that_can_be_translated() -> None:
    """A number in braces would give other languages one form for all counts."""
    broken = []
    for place, call in calls_of_tr():
        text = ast.literal_eval(call.args[0])
        numbered = "%n" in text or "%Ln" in text or re.search(r"\(\w*\|\w+\)", text) is not None
        counted = len(call.args) == 3 or any(keyword.arg == "n" for keyword in call.keywords)
        if "{count}" in text or numbered != counted:
            broken.append(f"{place}: {text!r}")
    assert not broken, "\n".join(broken)


def test_no_widget_shows_a_text_that_is_not_translated() -> None:
    broken = []
    for path in sorted((PACKAGE / "gui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr=name), args=[ast.Constant(value=str(text)), *_]):
                    if name in _SETTERS and re.search(r"[A-Za-z]{2}", text):
                        broken.append(f"{path.relative_to(ROOT)}:{node.lineno}: {text!r}")
    assert not broken, "\n".join(broken)


def test_percentages_and_sentences_are_written_as_in_english() -> None:
    broken = [f"{place}: {text!r}" for place, text in visible_texts() if re.search(r"\} %|\d %", text)]
    assert not broken, "\n".join(broken)
