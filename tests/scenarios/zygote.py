"""A process that has everything imported and forks a child per attempt: a start costs milliseconds.

    python -m tests.scenarios.zygote module ...

reads a line of JSON from stdin (`target` as "module:function", its `spec`, a `log` file), forks, answers
with the child's process id and, when the child has ended, with its exit status (negative: by that signal).
It forks before any thread, engine or connection exists.
"""

import importlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 120.0


@dataclass
class Child:
    """A process forked from a zygote."""

    pid: int
    zygote: "Zygote"
    status: int | None = None

    def wait(self, seconds: float) -> int | None:
        """The exit status, negative for a signal; None where it still runs after so many seconds."""
        if self.status is None:
            line = self.zygote.line(seconds)
            self.status = int(line) if line else None
        return self.status

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens where the child has ended."""
        if self.status is None:
            os.kill(self.pid, number)

    def kill(self, after_s: float) -> int:
        """SIGKILL after so many seconds, unless the child has ended by then; its status."""
        if self.wait(after_s) is None:
            os.kill(self.pid, signal.SIGKILL)
        status = self.wait(START_LIMIT_S)
        assert status is not None
        return status


class Zygote:
    """The parent's end. preload: modules that every child needs."""

    def __init__(self, *preload: str) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.scenarios.zygote", *preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
        )
        if self.line(START_LIMIT_S) != "ready":
            raise RuntimeError("the zygote did not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait(START_LIMIT_S)

    def fork(self, target: str, spec: Mapping[str, Any], log: Path) -> Child:
        """A child that calls `module:function` with the spec; what it prints goes to the log."""
        order = json.dumps({"target": target, "spec": spec, "log": str(log)})
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n".encode())
        self._process.stdin.flush()
        return Child(int(self.line(START_LIMIT_S) or 0), self)

    def line(self, seconds: float) -> str | None:
        """The zygote's next line; None where there is none in time."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return None
        found = bytearray()
        while not found.endswith(b"\n"):
            byte = os.read(self._process.stdout.fileno(), 1)
            if not byte:
                raise RuntimeError("the zygote died")
            found += byte
        return found.decode().strip()


def _serve(orders: int, answers: int) -> None:
    """Fork for each order, one at a time."""
    _answer(answers, "ready")
    with os.fdopen(orders, "rb", buffering=0) as lines:
        while line := lines.readline():
            order = json.loads(line)
            pid = os.fork()
            if pid == 0:
                _obey(order)
            _answer(answers, str(pid))
            _answer(answers, str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))


def _obey(order: Mapping[str, Any]) -> None:
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    module, _, name = order["target"].partition(":")
    status = 1
    try:
        status = int(getattr(importlib.import_module(module), name)(order["spec"]) or 0)
    except BaseException:  # noqa: BLE001 - told in the log, and by the exit status
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


def _answer(answers: int, text: str) -> None:
    os.write(answers, f"{text}\n".encode())


if __name__ == "__main__":
    for module_name in sys.argv[1:]:
        importlib.import_module(module_name)
    own_output = os.dup(1)
    os.dup2(2, 1)
    _serve(os.dup(0), own_output)
