"""The docs are whole: all options, variables and settings have their words, and none is made up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from jollyscope.backend.stack.plan import PROFILES, files, variables
from jollyscope.config import keys, variable_of
from jollyscope.paths import compose_dir
from tests.cli.make_reference import commands
from tests.newcomer.make_settings_docs import FILE, settings
from tests.newcomer.pages import PAGES, ROOT, blocks, lines, text

PROSE = [page for page in PAGES if page != "docs/cli.md"]
"""Pages that people wrote: cli.md is made from the program, and says what an option does in a line."""

OF_OTHERS = {
    "--system", "--now", "--alter", "--upgrade", "--constraint", "--require", "--import",  # useradd, pip, …
    "--rounds", "--seed", "--only", "--minutes", "--sessions", "--out", "--spans", "--alone",  # make targets'
}  # fmt: skip
"""Options of other programs that the docs name."""


@cache
def options() -> dict[str, set[str]]:
    """The options of each command, by its words; those of the program itself stand behind any."""
    found = {
        path: {opt for param in command.params for opt in param.opts}
        for path, command in commands()
    }
    found = {path: {opt for opt in opts if opt.startswith("-")} for path, opts in found.items()}
    return {path: opts | found["jollyscope"] | {"--help", "-h"} for path, opts in found.items()}


@cache
def sources() -> str:
    """All code of the program."""
    folders = ("jollyscope", "cli", "tui")
    found = (file for name in folders for file in sorted((ROOT / name).rglob("*.py")))
    return "\n".join(file.read_text("utf-8") for file in found)


def _prose(page: str) -> str:
    """The page without its blocks."""
    return re.sub(r"(?ms)^ *```.*?^ *```$", "", text(page))


def inline(page: str) -> list[str]:
    """What stands between single backticks, outside of blocks."""
    return re.findall(r"`([^`\n]+)`", _prose(page))


def typed(page: str) -> Iterator[str]:
    """Every command line of the page that begins with the program's name and is to work."""
    shown = [line.command for line in lines(page) if line.shown is None]
    for code in [*inline(page), *shown]:
        parts = (part.split(" #")[0].strip() for part in re.split(r"[|;&]\s", code))
        yield from (part for part in parts if part.startswith("jollyscope "))


@pytest.mark.parametrize("page", PAGES)
def test_options_that_are_named_are_there(page: str) -> None:
    everyone = set().union(*options().values()) | OF_OTHERS
    for line in typed(page):
        words = re.sub(r"'[^']*'|\"[^\"]*\"", "''", line).split()
        if words[1] == "run":
            words = words[: words.index("--")] if "--" in words else words[:2]
        of = max((path for path in options() if line.startswith(path)), key=len)
        wrong = {word.split("=")[0] for word in words if re.match(r"--[a-z]", word)} - options()[of]
        assert not wrong, (line, wrong)
    for code in inline(page):
        if re.match("--[a-z]", code):
            assert re.split(r"[ =\[…]", code)[0] in everyone, code


def test_every_option_is_in_a_page_that_people_wrote() -> None:
    """cli.md has a line for each; what it is good for stands where its command is told about.

    Those that say themselves what they are, and the long names of -n, -o and -f, are left out.
    """
    written = " ".join(text(page) for page in PROSE)
    plain = {"--help", "--json", "--csv", "--limit", "--reverse", "--version", "--install-completion",
             "--show-completion", "--last", "--output", "--follow", "--debug", "--yes"}  # fmt: skip
    for path, opts in options().items():
        for opt in sorted(opts - plain):
            if opt.startswith("--"):
                assert re.search(rf"{opt}\b(?!-)", written), (
                    f"{path} {opt} is in no page but cli.md"
                )


def _tree() -> ast.Module:
    return ast.parse(sources().replace("from __future__ import annotations", ""))


def _variables(of: str) -> set[str]:
    return set(re.findall(r"\bJOLLYSCOPE_[A-Z0-9_]*[A-Z0-9]\b(?!_?\*|…)", of))


def test_every_variable_has_its_words_and_none_is_named_that_is_not_there() -> None:
    ours = {variable_of(key) for key, _ in keys()}
    compose = {
        name for profile in PROFILES for path in files(compose_dir(), profile) for name in variables([path])
    }  # fmt: skip
    constants = (node for node in ast.walk(_tree()) if isinstance(node, ast.Constant))
    read = {found.value for found in constants if _variables(str(found.value)) == {found.value}}
    written = {page: _variables(text(page)) for page in PAGES}
    known = ours | read | {name for name in compose if name.startswith("JOLLYSCOPE_")}
    for page, named in written.items():
        assert named <= known | {"JOLLYSCOPE_NO_SKIPS"}, (page, named - known)
    documented = set().union(*written.values())
    assert read - ours <= documented, read - ours - documented
    assert {name for name in compose if name.startswith("JOLLYSCOPE_")} <= documented


def test_the_settings_page_is_fresh_and_no_other_setting_is_named() -> None:
    assert FILE.read_text("utf-8") == settings(), "python -m tests.newcomer.make_settings_docs"
    known = {key for key, _ in keys()}
    sections = {key.split(".")[0] for key in known if "." in key}
    for page in PAGES:
        for named in re.findall(r"`([a-z]+\.[a-z_]+)`", _prose(page)):
            if named.split(".")[0] in sections and not named.endswith((".md", ".py")):
                assert named in known, (page, named)


def test_the_readme_lists_every_page() -> None:
    listed = re.findall(
        r"\]\((docs/[\w.-]+\.md)\)", text("README.md").partition("## Documentation")[2]
    )
    assert sorted(listed) == sorted(page for page in PAGES if page != "README.md")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert file.exists(), target
        if anchor:
            assert anchor in set(_anchors(file)), target


def _anchors(file: Path) -> Iterator[str]:
    for heading in re.findall(r"(?m)^#+ (.*)$", file.read_text("utf-8")):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_sentences_of_the_program_are_quoted_as_it_says_them() -> None:
    """In troubleshooting.md's tables; what varies stands outside of the quotes."""
    program = re.sub(r"\{[^{}]*\}", "…", sources())
    rows = re.findall(r"(?m)^\| `([^`]+)`", text("docs/troubleshooting.md"))
    quoted = [row for row in rows if re.match(r"[A-Za-z]+ .*[a-z.]$", row)]
    assert len(quoted) > 15
    assert [row for row in quoted if row not in program] == []


def test_examples_of_settings_can_be_loaded(tmp_path: Path) -> None:
    from jollyscope.config import load

    for page in PAGES:
        for number, block in enumerate(blocks(page, "toml")):
            file = tmp_path / f"{page.replace('/', '-')}-{number}.toml"
            file.write_text(block.text, encoding="utf-8")
            load(file=file, environ={})
