"""Other languages: the tables of messages have what the code says, all of it, and nothing else."""

import ast
import string
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from jinja2 import Environment, nodes

import sweep
from sweep.claims.sentences import OUTCOMES
from sweep.claims.thresholds import Leaning
from sweep.claims.verdict import RULINGS
from sweep.training.usual import usual_training
from sweep.words import LANGUAGES, say, say_many, speaking, word

PACKAGE = Path(sweep.__file__).parent
TABLES = [language for language in LANGUAGES if language != "en"]


def calls(tree):
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def literal(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


WHERE_THE_MESSAGE_IS = {"say": 0, "message": 0, "say_many": 2}


def said_by(path):
    """Yield the messages that stand in a module."""
    for call in calls(ast.parse(path.read_text(encoding="utf-8"))):
        name = getattr(call.func, "id", "")
        if name in WHERE_THE_MESSAGE_IS:
            yield literal(call.args[WHERE_THE_MESSAGE_IS[name]])
        elif name == "count_words":
            one, *many = (literal(argument) for argument in call.args[1:])
            yield one and f"{{n}} {many[0] if many else one + 's'}"


def singular(path):
    """Yield the messages for one, which a table may have or not."""
    for call in calls(ast.parse(path.read_text(encoding="utf-8"))):
        if getattr(call.func, "id", "") in ("say_many", "count_words"):
            one = literal(call.args[1])
            yield from (one, f"{{n}} {one}")


def said_by_template(path):
    """Yield the messages that stand in a template of a page."""
    for call in Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
        if getattr(call.node, "name", "") == "say":
            yield call.args[0].value


def words_of(training):
    for name, parameter in training.parameters.items():
        yield name.replace("_", " ")
        yield from (parameter.label, parameter.one, parameter.many)
    for metric in training.metrics:
        yield metric.label or metric.name.replace("_", " ")
        yield from (metric.short, metric.many, metric.along, metric.along_caption)


def messages():
    found = {text for path in PACKAGE.rglob("*.py") for text in said_by(path)}
    templates = {text for path in PACKAGE.rglob("*.j2") for text in said_by_template(path)}
    data = {*words_of(usual_training()), *RULINGS, *OUTCOMES, *get_args(Leaning)}
    return {*found, *templates, *data} - {None, ""}


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def table(language):
    return tomllib.loads((PACKAGE / "words" / f"{language}.toml").read_text(encoding="utf-8"))


def test_a_message_stands_in_the_code_and_nowhere_else():
    assert len(messages()) > 50


@pytest.mark.parametrize("language", TABLES)
def test_a_table_has_every_message_of_the_code_and_no_other(language):
    known, said = set(table(language)), messages()
    assert sorted(said - known) == []
    assert sorted(known - said - {text for path in PACKAGE.rglob("*.py") for text in singular(path)}) == []


@pytest.mark.parametrize("language", TABLES)
def test_a_message_has_the_same_places_in_every_language(language):
    # a language without plurals may leave a count out, as in "both", but has no place that is not filled
    wrong = {text: other for text, other in table(language).items() if places(other) != places(text)}
    assert wrong == {}


def test_what_a_table_lacks_is_said_in_english():
    with speaking("ja"):
        assert word("my own metric") == "my own metric"
        assert say("{n} of mine", n=2) == "2 of mine"


def test_a_language_is_spoken_inside_of_its_block_alone():
    with speaking("ja"):
        assert word("learning rate") == "学習率"
    assert word("learning rate") == "learning rate"


def test_a_language_without_plurals_has_one_message_for_any_count():
    with speaking("ja"):
        assert say_many(1, "{n} run", "{n} runs", n="1") == say_many(2, "{n} run", "{n} runs", n="1")
