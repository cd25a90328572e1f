"""Text of others on a terminal: shown, never obeyed."""

from __future__ import annotations

import io
import re

import pytest
from click.testing import CliRunner
from gate_batches import ARTICLES, make_article, stage
from rich.table import Table

from expectations import gate
from expectations.__main__ import cli
from warehouse import command_line, terminal, waivers
from warehouse.errors import ArmsledgerError

HOSTILE = "a\x1b]0;taken over\x07b\x9b31mc\u202ed"
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def test_a_console_shows_controls_of_the_text_and_keeps_its_own_colours():
    out = io.StringIO()
    table = Table("x", title=HOSTILE)
    table.add_row(HOSTILE, style="red")
    console = terminal.SafeConsole(file=out, force_terminal=True, color_system="standard", width=80)
    console.print(table)
    console.print(HOSTILE, markup=False, highlight=False)
    assert "\x1b[31m" in out.getvalue()
    assert not STEERS.search(re.sub("\x1b\\[[0-9;]*m", "", out.getvalue()))
    assert out.getvalue().count("␛]0;taken over") == 3


def test_an_error_shows_controls(capsys):
    def fail(prog_name):
        raise ArmsledgerError(HOSTILE)

    with pytest.raises(SystemExit):
        command_line.run(fail, "x")
    assert "a␛]0;taken over" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["list", "show"])
def test_a_quarantined_row_is_shown_and_steers_nothing(settings, monkeypatch, command):
    rows = [
        make_article(1),
        make_article(2),
        make_article(3, title=" ", author=HOSTILE, url=f"https://a.example/{HOSTILE}"),
    ]
    stage(settings, ARTICLES, "load-1", rows)
    gate.settle_load(settings, "articles", "load-1")
    (entry,) = waivers.list_entries(settings.data)
    monkeypatch.setenv("ARMSLEDGER_DATA", str(settings.data.root))
    arguments = ["quarantine", command, *([entry.entry_id] if command == "show" else [])]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    assert not STEERS.search(done.output)
    if command == "show":
        assert "taken over" in done.output
