"""Conversations by e-mail between customers and reps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from demo.world import names, phrases
from demo.world.accounts import FREEMAIL, OUR_DOMAIN, USERS
from demo.world.chance import happens, logistic, pick, stream
from demo.world.latent import ENGAGEMENT, ORGANISATION, PRACTICE
from demo.world.records import Account, Array, Contact, Mail, Person
from demo.world.timeline import OFFSET_H, Timeline

LIVELY_SHARE = 0.05
"""Share of the accounts that write on the last morning, between 07:30 and 09:30 UTC."""

TOPIC_ODDS: dict[str, tuple[float, float, float]] = {
    "high_availability": (-2.1, 0.45, 0.6),
    "multi_site": (-2.7, 0.25, 0.6),
    "disaster_recovery": (-2.8, 0.3, 0.5),
    "automation": (-1.7, 0.5, 0.1),
    "security": (-2.0, 0.15, 0.35),
    "migration": (-2.4, 0.0, 0.0),
    "licence_cost": (-2.2, -0.2, -0.3),
    "cancellation": (-3.9, -0.3, -0.3),
}
"""Log odds that a customer's mail speaks of a topic: on average, and per unit of practice, organisation."""


@dataclass(frozen=True)
class Party:
    """Who writes on the customer's side, and how.

    language: of the texts. drivers: the account's on the day, (4,).
    """

    account: Account
    person: Person
    role: str
    language: str
    drivers: Array


def mails_of(
    seed: int,
    index: int,
    account: Account,
    size: float,
    contacts: list[Contact],
    monthly: Array,
    timeline: Timeline,
) -> list[Mail]:
    """The account's mails, oldest first."""
    rng = stream(seed, "mails", index)
    rep = next(user for user in USERS if user.username == account.owner)
    drivers = timeline.daily(monthly)
    engaged = float(drivers[-1, ENGAGEMENT])
    language = account.country.lower() if account.country in ("DE", "FR") and happens(rng, 0.6) else "en"
    found: list[Mail] = []
    for start in _starts(rng, account, size, engaged, timeline):
        day = min(timeline.index(start.date()), timeline.days - 1)
        person, role = _writer(rng, account, contacts, start)
        party = Party(account, person, role, language, drivers[day])
        thread = f"{index + 1}.{len(found)}"
        found += _thread(rng, thread, party, Person(rep.name, rep.username), start)
    end = timeline.moment(timeline.days)
    return sorted((mail for mail in found if mail.at < end), key=lambda mail: (mail.at, mail.key))


def _starts(
    rng: np.random.Generator, account: Account, size: float, engaged: float, timeline: Timeline
) -> Iterator[datetime]:
    """When somebody begins a conversation: in working hours, from the account's creation on."""
    per_day = float(np.exp(-4.25 + 0.35 * engaged + 0.2 * size + rng.normal(0, 0.5)))
    begin = max(0, timeline.index(account.created_at.date()))
    days = begin + np.flatnonzero(rng.poisson(per_day, timeline.days - begin))
    for day in days[timeline.weekday[days] < 5]:
        yield timeline.moment(int(day), float(rng.uniform(8, 18)) - OFFSET_H[account.country])
    if happens(rng, LIVELY_SHARE):
        yield timeline.moment(timeline.days - 1, float(rng.uniform(7.5, 9.5)))


def _writer(
    rng: np.random.Generator, account: Account, contacts: list[Contact], start: datetime
) -> tuple[Person, str]:
    """A contact known at the time, or a colleague whom the CRM does not know."""
    known = [contact for contact in contacts if contact.email and contact.created_at <= start]
    if known and happens(rng, 0.85):
        contact = pick(rng, known)
        return Person(f"{contact.first_name} {contact.last_name}", contact.email or ""), contact.role or ""
    first, last, local = pick(rng, names.PEOPLE[account.country])
    host = FREEMAIL if happens(rng, 0.03) else account.domain
    return Person(f"{first} {last}", f"{local}.x{int(rng.integers(50))}@{host}"), "Developer"


def _thread(
    rng: np.random.Generator, thread: str, party: Party, rep: Person, start: datetime
) -> Iterator[Mail]:
    """A mail and the replies to it; an engaged customer answers more often and sooner."""
    direction: Literal["in", "out"] = "in" if happens(rng, 0.6) else "out"
    subject = pick(rng, phrases.MAIL_SUBJECTS)
    at, before = start, None
    for number in range(int(rng.integers(1, 6))):
        mail = _mail(rng, f"{thread}.{number}", direction, party, rep, subject, at, before)
        yield mail
        if direction == "out" and happens(rng, 0.04):
            yield _auto_reply(mail, party, rep)
        direction = "out" if direction == "in" else "in"
        eager = float(party.drivers[ENGAGEMENT]) if direction == "in" else 0.5
        if not happens(rng, logistic(0.9 + 0.5 * eager)):
            return
        at += timedelta(minutes=max(3, round(60 * rng.lognormal(1.9 - 0.35 * eager, 0.9))))
        before = mail


def _mail(
    rng: np.random.Generator,
    key: str,
    direction: Literal["in", "out"],
    party: Party,
    rep: Person,
    subject: str,
    at: datetime,
    before: Mail | None,
) -> Mail:
    ours = direction == "out"
    sender, receiver = (rep, party.person) if ours else (party.person, rep)
    language = "en" if ours else party.language
    words = phrases.LANGUAGES[language]
    sentences = _rep_sentences(rng) if ours else _customer_sentences(rng, party, words)
    greeting = pick(rng, words.greetings).format(name=receiver.name.split()[0])
    own = f"{greeting}\n\n{' '.join(sentences)}\n\n{pick(rng, words.closings)}\n{sender.name}\n"
    charset = "iso-8859-1" if language != "en" and happens(rng, 0.3) else "utf-8"
    return Mail(
        key=key,
        message_id=f"<{key}.{at:%Y%m%d}@{sender.address.split('@')[1]}>",
        in_reply_to=before.message_id if before else None,
        at=at,
        direction=direction,
        sender=sender,
        to=(receiver,),
        cc=(Person("", f"team@{party.account.domain}"),) if happens(rng, 0.12) else (),
        subject=f"Re: {subject}" if before else subject,
        text=own + _signature(rng, party, sender, ours) + (_quoted(before, words) if before else ""),
        form=str(rng.choice(("plain", "alternative", "html"), p=(0.55, 0.3, 0.15))),  # type: ignore[arg-type]
        charset=charset,
        language=language,
        broken="charset" if charset != "utf-8" and happens(rng, 0.05) else None,
        offset_h=1.0 if ours else OFFSET_H[party.account.country],
    )


def _customer_sentences(rng: np.random.Generator, party: Party, words: phrases.Phrases) -> list[str]:
    """Small talk, and the topics that a customer of this kind is after, or is not."""
    practice, organisation = party.drivers[PRACTICE], party.drivers[ORGANISATION]
    found = [pick(rng, words.neutral)]
    for topic, (base, by_practice, by_organisation) in TOPIC_ODDS.items():
        if happens(rng, logistic(base + by_practice * practice + by_organisation * organisation)):
            denies = happens(rng, logistic(-1.4 - 0.8 * organisation))
            found.append(pick(rng, (words.negated if denies else words.topics)[topic]))
    if happens(rng, 0.5):
        found.append(pick(rng, words.neutral))
    return found


def _rep_sentences(rng: np.random.Generator) -> list[str]:
    return [pick(rng, phrases.REP_SENTENCES) for _ in range(int(rng.integers(1, 4)))]


def _signature(rng: np.random.Generator, party: Party, sender: Person, ours: bool) -> str:
    if ours:
        return f"-- \n{sender.name}\nNorthwind Tools, high availability for your builds\n"
    if happens(rng, 0.2):
        return ""
    template = pick(rng, phrases.SIGNATURES)
    return template.format(name=sender.name, role=party.role, company=party.account.name) + "\n"


def _quoted(before: Mail, words: phrases.Phrases) -> str:
    """The mail answered, below the reply, as mail programs put it."""
    line = words.quote.format(
        when=f"{before.at:%d.%m.%Y %H:%M}", name=before.sender.name, address=before.sender.address
    )
    quoted = "\n".join(f"> {each}" for each in before.text.splitlines()[:14])
    return f"\n{line}\n{quoted}\n"


def _auto_reply(mail: Mail, party: Party, rep: Person) -> Mail:
    day = mail.at + timedelta(days=9)
    at = mail.at + timedelta(seconds=40)
    return replace(
        mail,
        key=f"{mail.key}a",
        message_id=f"<auto.{mail.key}@{party.account.domain}>",
        in_reply_to=mail.message_id,
        at=at,
        direction="in",
        sender=party.person,
        to=(rep,),
        cc=(),
        subject=f"Out of office: {mail.subject}",
        text=phrases.AUTO_REPLY.format(day=f"{day:%d.%m.%Y}", other=f"help@{party.account.domain}"),
        form="plain",
        automatic=True,
        offset_h=OFFSET_H[party.account.country],
    )


def stray_mails(seed: int, mails: list[Mail], timeline: Timeline) -> list[Mail]:
    """Mails no program likes: delivered twice, without id or date, among ourselves, from strangers."""
    rng = stream(seed, "stray mails")
    chosen = [mails[int(i)] for i in rng.choice(len(mails), size=min(6, len(mails)), replace=False)]
    ours = tuple(Person(user.name, user.username) for user in USERS)
    twice = [replace(mail, key=f"{mail.key}d", at=mail.at + timedelta(seconds=5)) for mail in chosen[:3]]
    without_id = replace(chosen[3], key=f"{chosen[3].key}n", message_id=None)
    without_date = replace(
        chosen[4], key=f"{chosen[4].key}u", message_id="<undated@legacy.example>", broken="date"
    )
    base = replace(
        chosen[5], in_reply_to=None, cc=(), charset="utf-8", broken=None, form="plain", offset_h=0.0
    )
    found = []
    for number in range(12):
        at = timeline.moment(int(rng.integers(timeline.days)), float(rng.uniform(6, 20)))
        internal = number % 2 == 0
        sender = ours[0] if internal else Person("Lucky Draw", f"win{number}@lottery.example")
        host = OUR_DOMAIN if internal else "lottery.example"
        found.append(
            replace(
                base,
                key=f"0.{number}",
                message_id=f"<stray.{number}@{host}>",
                at=at,
                direction="out" if internal else "in",
                sender=sender,
                to=(ours[1],),
                subject="Team lunch" if internal else "You have won 🎁",
                text="See you at noon.\n" if internal else "Click to claim high availability of money!\n",
            )
        )
    return [*twice, without_id, without_date, *found]
