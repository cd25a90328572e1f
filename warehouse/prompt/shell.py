"""The prompt itself: on a terminal with history and completion, else line by line from what is piped in."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.database import read_database
from warehouse.prompt.completion import SqlCompleter
from warehouse.prompt.session import Session
from warehouse.terminal import SafeConsole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import History


def open_prompt(database: Path, command: str | None = None) -> None:
    """Let a reader query a database until they leave.

    Args:
        database: file to read; nothing is ever written to it.
        command: do only this, then end.

    Raises:
        ReleaseError: it doesn't exist or can't be opened.
    """
    console = SafeConsole()
    with read_database(database) as connection:
        session = Session(connection, console)
        if command:
            session.handle(command)
            return
        if not sys.stdin.isatty():
            for text in split_input(sys.stdin):
                if not session.handle(text):
                    return
            return
        console.print(f"{database} (read-only). \\queries lists ready queries, \\help the commands.", highlight=False)
        prompt = _build_prompt(session)
        while True:
            try:
                text = prompt.prompt("armsledger> ", prompt_continuation="       ...> ")
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            if not session.handle(text):
                return


def split_input(lines: Iterable[str]) -> Iterator[str]:
    r"""Yield commands and statements: a command is a line, a statement ends with a semicolon at the end of a line.

    >>> list(split_input(["\\tables\n", "select 1\n", "as one;\n", "select 2"]))
    ['\\tables', 'select 1\nas one;', 'select 2']
    """
    kept: list[str] = []
    for line in lines:
        text = line.rstrip("\n")
        if not kept and text.lstrip().startswith("\\"):
            yield text.strip()
            continue
        if text.strip() or kept:
            kept.append(text)
        if text.rstrip().endswith(";"):
            yield "\n".join(kept)
            kept = []
    if kept:
        yield "\n".join(kept)


def is_whole(text: str) -> bool:
    r"""Whether Enter should hand a text over instead of beginning a new line.

    >>> is_whole("\\queries"), is_whole("select 1"), is_whole("select 1; "), is_whole("quit")
    (True, False, True, True)
    """
    line = text.strip()
    return not line or line.startswith("\\") or line.endswith(";") or line.casefold() in ("exit", "quit")


def history_file() -> Path:
    """Return where the history lies, by the XDG base directory specification."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "armsledger" / "sql_history"


def _build_prompt(session: Session) -> PromptSession[str]:
    # only a terminal needs these
    from prompt_toolkit import PromptSession  # noqa: PLC0415
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory  # noqa: PLC0415
    from prompt_toolkit.filters import Condition  # noqa: PLC0415
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent  # noqa: PLC0415
    from prompt_toolkit.lexers import PygmentsLexer  # noqa: PLC0415
    from pygments.lexers.sql import SqlLexer  # type: ignore[import-untyped]  # noqa: PLC0415

    keys = KeyBindings()
    prompt: PromptSession[str] = PromptSession(
        history=_open_history(),
        completer=SqlCompleter(session.catalogue),
        complete_while_typing=False,
        auto_suggest=AutoSuggestFromHistory(),
        lexer=PygmentsLexer(SqlLexer),
        multiline=True,
        key_bindings=keys,
    )

    @keys.add("enter", filter=Condition(lambda: is_whole(prompt.default_buffer.text)))
    def _hand_over(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return prompt


def _open_history() -> History:
    from prompt_toolkit.history import FileHistory, InMemoryHistory  # noqa: PLC0415

    path = history_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError:
        # a home that can't be written to must not keep anybody from asking
        return InMemoryHistory()
    return FileHistory(str(path))
