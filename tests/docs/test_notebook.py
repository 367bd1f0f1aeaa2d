"""docs/notebook.md, its blocks run one after the other as in a notebook."""

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.docs.pages import blocks, shows


def test_the_notebook_runs_and_prints_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    structlog.reset_defaults()  # a notebook has set up no logging
    cells: dict[str, Any] = {}
    printed = ""
    for block in blocks("notebook.md"):
        if block.kind == "text":
            assert shows(block.text, printed), f"the page shows\n{block.text}\nbut printed was\n{printed}"
        else:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(block.text, "notebook.md", "exec"), cells)  # noqa: S102 - the page's own code
            printed = out.getvalue()
