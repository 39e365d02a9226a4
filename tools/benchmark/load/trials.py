"""Trials: people who use the server, calm, hasty, or during an import and PDFs."""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from reporting.annual_report.pdf.tasks import enqueue_pdfs
from reporting.models import AnnualReport
from tools.benchmark.imports import Importing
from tools.benchmark.load.people import CSRF, Person, Reply, Stock, Visit, ask, make_people
from tools.benchmark.load.server import APPLICATION, NOTHING, Server, make_environment, start_server
from tools.benchmark.timing import format_table

PDF_LANGUAGES = ("en", "fr", "ar")


@dataclass
class Beside:
    """An import and nine PDFs while people use the server."""

    port: int
    cookies: str
    importing: Importing
    environment: Mapping[str, str]
    is_done: bool = False
    words: str = ""

    async def run(self) -> None:
        began = time.perf_counter()
        try:
            said = await asyncio.gather(self._import(), self._make_pdfs())
        finally:
            self.is_done = True
        self.words = ", ".join(f"{name} {end - began:.1f} s" for name, end in said)

    async def _import(self) -> tuple[str, float]:
        border = "benchmark"
        parts = [("csrfmiddlewaretoken", CSRF.encode()), ("kind", b"initiative")]
        lines = [
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value
            for name, value in parts
        ]
        head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="rows.csv"'
        lines.append(f"{head}\r\nContent-Type: text/csv\r\n\r\n".encode() + self.importing.content)
        body = b"\r\n".join([*lines, f"--{border}--\r\n".encode()])
        sent = await self._post("/import/", body, f"multipart/form-data; boundary={border}")
        answers = {"csrfmiddlewaretoken": CSRF, "rest": "import", "rare_dates": "1"}
        done = await self._post(sent.location, urlencode(answers).encode())
        is_imported = done.location.startswith("/imports/")
        return "import" if is_imported else "FAILED import", time.perf_counter()

    async def _post(self, address: str, body: bytes, kind: str = "") -> Reply:
        return await ask(self.port, "POST", address, self.cookies, body, kind)

    async def _make_pdfs(self) -> tuple[str, float]:
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "manage.py", "db_worker", "--batch", "--no-startup-delay"),
            *("--no-reload", "--verbosity", "0"),
            cwd=settings.BASE_DIR,
            env=dict(self.environment),
        )
        try:
            await worker.wait()
        finally:
            if worker.returncode is None:
                worker.kill()
        return "nine PDFs", time.perf_counter()


COLUMNS = (
    "load",
    "pages",
    "errors",
    "p50",
    "p95",
    "longest",
    "pages a second",
    "server's processor time a page",
    "client's",
)


@dataclass
class Trial:
    """People who use a server for some seconds, and what it cost."""

    name: str
    people: Sequence[Person]
    server: Server
    visits: list[Visit] = field(default_factory=list)

    def run(self, seconds: float, thought: float, beside: Beside | None = None) -> list[object]:
        for person in self.people:
            person.thought, person.visits, person.writes = thought, [], 0
        began, own, spent = time.perf_counter(), time.process_time(), self._read_time()

        def is_over() -> bool:
            is_done = beside is None or beside.is_done
            return is_done and time.perf_counter() - began >= seconds

        asyncio.run(self._use(is_over, beside))
        took = time.perf_counter() - began
        self.visits = [visit for person in self.people for visit in person.visits]
        number = len(self.visits)
        times = sorted(visit.seconds for visit in self.visits)
        return [
            self.name,
            f"{number:,}",
            sum(bool(visit.fault) for visit in self.visits),
            *describe_times(times),
            f"{number / took:.1f}",
            f"{(self._read_time() - spent) * 1000 / number:.1f} ms",
            f"{(time.process_time() - own) * 1000 / number:.1f} ms",
        ]

    async def _use(self, is_over: Callable[[], bool], beside: Beside | None) -> None:
        using = [person.use(is_over) for person in self.people]
        await asyncio.gather(*using, *([beside.run()] if beside else []))

    def _read_time(self) -> float:
        return self.server.read_processor_time()


def describe_times(times: Sequence[float]) -> tuple[str, str, str]:
    """Return the median, the 95th percentile and the longest of sorted times."""
    chosen = (statistics.median(times), times[int(len(times) * 0.95)], times[-1])
    fifty, most, longest = (f"{seconds * 1000:,.0f} ms" for seconds in chosen)
    return fifty, most, longest


def measure_load(importing: Importing, seconds: int) -> Iterator[str]:
    """Yield the tables of the load: of each trial, and of each page while people think."""
    trials: list[Trial] = []
    yield from format_table(COLUMNS, _run_trials(importing, seconds, trials))
    calm = trials[0]
    visits = [visit for trial in trials for visit in trial.visits]
    for fault in sorted({f"{visit.page}: {visit.fault}" for visit in visits if visit.fault})[:5]:
        yield f"- error: {fault}"
    yield ""
    yield from format_table(("page", "visits", "p50", "p95", "longest"), _list_pages(calm.visits))


def _run_trials(
    importing: Importing, seconds: int, trials: list[Trial]
) -> Iterator[Sequence[object]]:
    """Yield the figures of each trial, and keep those of people in ``trials``."""
    people, officer = make_people()
    idle = [Person(0, "", ["/"], Stock(["-"], [])) for _person in people]
    for report in AnnualReport.objects.with_files().order_by("year")[:3]:
        enqueue_pdfs(report, importing.at, PDF_LANGUAGES)
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        environment = make_environment(Path(folder))
        collect = (sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        subprocess.run(collect, cwd=settings.BASE_DIR, env=environment, check=True)
        connection.close()
        with start_server(NOTHING, environment) as server:
            for name, thought in (("a page that does nothing", 1), ("the same, no thought", 0)):
                yield _start_trial(name, idle, server).run(seconds / 3, thought)
        with start_server(APPLICATION, environment) as server:
            _start_trial("before it counts", people, server).run(seconds / 3, 0.2)
            for name, thought in (("a second of thought", 1), ("no thought", 0)):
                trials.append(_start_trial(name, people, server))
                yield trials[-1].run(seconds, thought)
            beside = Beside(server.port, officer, importing, environment)
            trials.append(_start_trial("a second of thought, during", people, server))
            said, *figures = trials[-1].run(seconds, 1, beside)
            yield [f"{said}: {beside.words}", *figures]


def _start_trial(name: str, people: Sequence[Person], server: Server) -> Trial:
    for person in people:
        person.port = server.port
    return Trial(name, people, server)


def _list_pages(visits: Iterable[Visit]) -> Iterator[tuple[object, ...]]:
    times = defaultdict(list)
    for visit in visits:
        times[visit.page].append(visit.seconds)
    for page in sorted(times, key=lambda page: -statistics.median(times[page])):
        yield f"`{page}`", len(times[page]), *describe_times(sorted(times[page]))
