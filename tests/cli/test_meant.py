"""What people type before they know the program: it says what was likely meant."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("ls -since 1d", "Did you mean `--since`?"),
        ("1f3a", "`jollyscope show 1f3a` draws a trace."),
        ("list", "Did you mean 'ls'?"),
        ("shwo 1f3a", "Did you mean 'show'?"),
        ("ls --limt 3", "--limit"),
    ],
)
def test_it_is_named(run, typed, told):
    done = run(*typed.split())
    assert done.code == 2
    assert told in done.err
    assert done.out == ""


@pytest.mark.parametrize("words", ["", "ls", "store prune"])
def test_help_is_a_word_too(run, words):
    assert run("help", *words.split()) == run(*words.split(), "--help")
