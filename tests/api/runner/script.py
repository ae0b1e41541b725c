"""A script's text as a list of commands: words, quotes, heredocs, blocks and line numbers. Nothing is run here."""

import re
import textwrap
from dataclasses import dataclass, field

HEREDOC = re.compile(r"<<([A-Z]+)$")
VARIABLE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")


class ScriptError(Exception):
    """The script itself is wrong: a misspelt command, an unknown variable, an unclosed quote."""


@dataclass
class Command:
    line: int
    words: list  # as written; variables are put in when the command runs
    body: list = field(default_factory=list)  # of an `each` block

    @property
    def name(self):
        return self.words[0]


def split_words(text):
    """Words separated by blanks. '…' is taken as it is, "…" knows \\" and \\\\; both may stand inside a word."""
    words, word, at = [], None, 0
    while at < len(text):
        c = text[at]
        if c in " \t":
            if word is not None:
                words.append(word)
            word, at = None, at + 1
        elif c == "#" and word is None:
            break
        elif c in "'\"":
            piece, at = _quoted(text, at)
            word = (word or "") + piece
        else:
            word, at = (word or "") + c, at + 1
    if word is not None:
        words.append(word)
    return words


def _quoted(text, start):
    quote, at, out = text[start], start + 1, ""
    while at < len(text) and text[at] != quote:
        if quote == '"' and text[at] == "\\" and text[at + 1 : at + 2] in ('"', "\\"):
            at += 1
        out, at = out + text[at], at + 1
    if at == len(text):
        raise ScriptError("a quote is not closed")
    return out, at + 1


def parse(text):
    """The commands before `cleanup`, and those after it."""
    lines = list(enumerate(text.splitlines(), 1))
    commands = []
    open_blocks = []
    while lines:
        number, line = lines.pop(0)
        try:
            words = split_words(_joined(line, lines))
            words = [_with_heredoc(word, lines) for word in words]
        except ScriptError as error:
            raise ScriptError(f"line {number}: {error}") from None
        if not words:
            continue
        if words == ["end"]:
            if not open_blocks:
                raise ScriptError(f"line {number}: `end` without `each`")
            open_blocks.pop()
            continue
        command = Command(number, words)
        (open_blocks[-1].body if open_blocks else commands).append(command)
        if command.name == "each":
            open_blocks.append(command)
    if open_blocks:
        raise ScriptError(f"line {open_blocks[-1].line}: `each` without `end`")
    for at, command in enumerate(commands):
        if command.words == ["cleanup"]:
            return commands[:at], commands[at + 1 :]
    return commands, []


def _joined(line, lines):
    while line.endswith("\\") and lines:
        line = line[:-1] + lines.pop(0)[1].lstrip()
    return line


def _with_heredoc(word, lines):
    match = HEREDOC.search(word)
    if not match:
        return word
    content = []
    while lines:
        line = lines.pop(0)[1]
        if line.strip() == match[1]:
            return word[: match.start()] + textwrap.dedent("\n".join(content))
        content.append(line)
    raise ScriptError(f"<<{match[1]} is not closed")


def substitute(text, variables):
    """$name and ${name}; $$ is a dollar. IAM's own ${aws:username} has a colon, so it stays."""

    def value(match):
        name = match[1] or match[2]
        if name is None:
            return "$"
        if name not in variables:
            raise ScriptError(f"there is no variable ${name}")
        return str(variables[name])

    return VARIABLE.sub(value, text)
