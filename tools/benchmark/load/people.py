"""People with browsers: what they read and write, and how long each request takes."""

import asyncio
import random
import re
import string
import time
import uuid
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from indicators.models import Initiative
from strategy.choices import Role
from strategy.models import Office, User

HOST = "127.0.0.1"
CSRF = "b" * 32
PATIENCE = 120
"""Seconds after which a request is an error."""
PEOPLE = {Role.STAFF: 28, Role.MANAGER: 12, Role.OFFICER: 5, Role.BOARD: 5}
WRITES = 0.11
"""The share of requests that write, of those who may: a tenth of all."""

READS: Mapping[Role, Sequence[str]] = {
    Role.STAFF: (
        "/my-work/",
        "/records/initiative/",
        "/records/initiative/?q=training",
        "/records/activity/",
        "/records/initiative/{reference}/",
        "/targets/1.1-countries/",
        "/dashboard/",
        "/records/initiative/new/",
    ),
    Role.MANAGER: (
        "/review/",
        "/my-work/",
        "/dashboard/",
        "/summary/",
        "/records/initiative/{reference}/",
        "/records/initiative/?target=1.1-initiatives&counts=yes",
        "/records/decision/",
    ),
    Role.OFFICER: (
        "/dashboard/",
        "/summary/",
        "/targets/1.1-initiatives/",
        "/targets/1.2-fields/",
        "/records/decision/?target=2.1-decisions&counts=no",
        "/review/",
        "/imports/",
        "/reports/",
        "/plan/",
    ),
    Role.BOARD: ("/dashboard/", "/summary/", "/reports/", "/reports/2019/1/", "/plan/"),
}


@dataclass(frozen=True)
class Visit:
    """A request: its page, how long it took, and what went wrong, if anything."""

    page: str
    seconds: float
    fault: str = ""


@dataclass(frozen=True)
class Reply:
    """What the server answered; ``text`` unpacks it."""

    status: int
    location: str
    body: bytes

    @property
    def text(self) -> str:
        is_packed = self.body.startswith(b"\x1f\x8b")
        return (zlib.decompress(self.body, 31) if is_packed else self.body).decode()


@dataclass
class Stock:
    """The records that people look at, and those that wait for approval."""

    references: list[str]
    waiting: list[str]


@dataclass
class Person:
    """Somebody with a browser, who reads and, in most roles, writes."""

    port: int
    cookies: str
    reads: Sequence[str]
    stock: Stock
    role: Role | None = None
    rng: random.Random = field(default_factory=random.Random)
    thought: float = 1.0
    visits: list[Visit] = field(default_factory=list)
    writes: int = 0

    async def use(self, is_over: Callable[[], bool]) -> None:
        asked = self.rng.randrange(10) if self.role else 0
        while not is_over():
            await self.think()
            may_write = self.role and self.role != Role.BOARD
            if may_write and self.writes < WRITES * (len(self.visits) + asked - 5):
                await self.write()
            else:
                page = self.rng.choice(self.reads)
                await self.get(page.format(reference=self.rng.choice(self.stock.references)))

    async def think(self) -> None:
        await asyncio.sleep(self.rng.uniform(0.5, 1.5) * self.thought)

    async def write(self) -> None:
        """Enter and submit a record, or approve one that waits."""
        if self.role == Role.STAFF:
            address = "/records/initiative/new/"
            await self.get(address)
            await self.think()
            where = (await self.post(address, write_answers(self.rng))).location
            await self._act(where, "submit")
        elif self.stock.waiting:
            await self._act(f"/records/initiative/{self.stock.waiting.pop()}/", "approve")

    async def _act(self, where: str, action: str) -> None:
        if not where:
            return
        version = re.search(r'name="?version"? value="?(\d+)', (await self.get(where)).text)
        await self.think()
        await self.post(f"{where}{action}/", {"version": version[1] if version else ""})
        await self.get(where)

    async def get(self, address: str) -> Reply:
        return await self._visit("GET", address, 200)

    async def post(self, address: str, answers: Mapping[str, str]) -> Reply:
        self.writes += 1
        body = urlencode({**answers, "csrfmiddlewaretoken": CSRF}).encode()
        return await self._visit("POST", address, 302, body)

    async def _visit(self, method: str, address: str, expected: int, body: bytes = b"") -> Reply:
        began, fault, answer = time.perf_counter(), "", Reply(0, "", b"")
        try:
            asking = ask(self.port, method, address, self.cookies, body)
            answer = await asyncio.wait_for(asking, PATIENCE)
        except (OSError, TimeoutError, ValueError, IndexError) as error:
            fault = type(error).__name__
        if answer.status and (answer.status != expected or "/accounts/" in answer.location):
            fault = f"{answer.status} {answer.location}"
        page = re.sub(r"/[A-Z]+-[^/]+/", "/REF/", address)
        self.visits.append(Visit(f"{method} {page}", time.perf_counter() - began, fault))
        return answer


def write_answers(rng: random.Random) -> dict[str, str]:
    """Return the answers of a new initiative, with the evidence that lets it be submitted."""
    # Letters alone: digits may be taken for a telephone number.
    name = "".join(rng.choices(string.ascii_lowercase, k=12))
    return {
        "title": f"Police training {name}",
        "scope": "country",
        "countries": "Niger",
        "starts_on": f"2019-{rng.randint(1, 12):02}",
        "links": f"https://example.org/{name}",
        "version": "1",
        "creation_token": str(uuid.uuid4()),
        "is_another": "1",
    }


async def ask(
    port: int, method: str, address: str, cookies: str, body: bytes, kind: str = ""
) -> Reply:
    """Send a request as a proxy does, and return the answer."""
    reader, writer = await asyncio.open_connection(HOST, port)
    lines = [
        f"{method} {address} HTTP/1.0",
        f"Host: {HOST}:{port}",
        f"Origin: https://{HOST}:{port}",
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: 10.0.0.1",
        "Accept-Encoding: gzip",
        f"Cookie: {cookies}",
    ]
    if method == "POST":
        lines += [
            f"Content-Length: {len(body)}",
            f"Content-Type: {kind or 'application/x-www-form-urlencoded'}",
        ]
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head, _blank, content = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
    status, *headers = head.decode("latin-1").split("\r\n")
    named = {name.lower(): value for name, _colon, value in (h.partition(": ") for h in headers)}
    return Reply(int(status.split()[1]), named.get("location", ""), content)


def make_people() -> tuple[list[Person], str]:
    """Return people of each role, signed in, and the cookies of one more officer."""
    recent = Initiative.objects.order_by("-pk")
    stock = Stock(
        list(recent.filter(status="approved").values_list("reference", flat=True)[:500]),
        list(recent.filter(status="submitted").values_list("reference", flat=True)[:1000]),
    )
    roles = [role for role, number in PEOPLE.items() for _one in range(number)]
    languages = [code for code, _name in settings.LANGUAGES]
    people = []
    for place, role in enumerate(roles):
        cookies = _sign_in(f"person-{place}", role, languages[place % len(languages)])
        people.append(Person(0, cookies, READS[role], stock, role, random.Random(place)))
    return people, _sign_in("importer", Role.OFFICER, "en")


def _sign_in(name: str, role: Role, language: str) -> str:
    office = None if role == Role.BOARD else Office.objects.order_by("pk")[0]
    user = User.objects.create_user(name, email=f"{name}@example.org", office=office)
    user.groups.add(user.groups.model.objects.get(name=role.value))
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    # As the server of production names them.
    return f"__Host-sessionid={session}; __Host-csrftoken={CSRF}; __Host-language={language}"
