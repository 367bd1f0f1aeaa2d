"""What customers and reps write to each other, in three languages."""

from collections.abc import Mapping
from dataclasses import dataclass

TOPICS = (
    "high_availability", "multi_site", "disaster_recovery", "automation", "security", "migration",
    "licence_cost", "cancellation",
)  # fmt: skip


@dataclass(frozen=True)
class Phrases:
    """One language's sentences. topics, negated: per topic, sentences that mention or deny it.

    quote: the line above a quoted mail, with {name}, {address} and {when}.
    """

    greetings: tuple[str, ...]
    neutral: tuple[str, ...]
    closings: tuple[str, ...]
    quote: str
    topics: Mapping[str, tuple[str, ...]]
    negated: Mapping[str, tuple[str, ...]]


ENGLISH = Phrases(
    greetings=("Hi {name},", "Hello {name},", "Dear {name},", "{name} -"),
    neutral=(
        "Thanks for the call yesterday.",
        "Could you send me the slides again?",
        "Our build took 40 minutes yesterday, normally it is 12.",
        "I have added two colleagues in copy.",
        "Tuesday 14:00 would suit us best.",
        "The new release works fine on our side so far 🎉",
        "We see timeouts for <artifact-name> & friends since this morning.",
        "Please find our answers inline.",
        "Can we get a test instance for two weeks?",
        "No problem, next week is fine as well.",
        "Our auditors asked for the list again.",
    ),
    closings=("Best regards", "Thanks", "Cheers", "Kind regards"),
    quote="On {when}, {name} <{address}> wrote:",
    topics={
        "high_availability": (
            "We are planning for high availability next quarter.",
            "What does a highly available set-up need from us?",
            "Our platform team wants HA for the registry.",
        ),
        "multi_site": (
            "We would like to run multi-site, with Dublin and Singapore.",
            "How does replication work across multiple sites?",
        ),
        "disaster_recovery": (
            "Disaster recovery is on our agenda for the audit.",
            "Which failover time can you promise?",
        ),
        "automation": (
            "We want to automate the promotion of builds.",
            "Is there an API for automation of user groups?",
            "How do others start with automation?",
        ),
        "security": (
            "Security asked for vulnerability scanning of all images.",
            "Our security review is due in May.",
        ),
        "migration": (
            "The migration from our old server is half done.",
            "We need to migrate 4 TB of artifacts.",
        ),
        "licence_cost": (
            "The licence cost is a topic for our management.",
            "Could you explain the new pricing?",
        ),
        "cancellation": (
            "We are thinking about cancellation of the contract.",
            "What is the notice period to cancel the subscription?",
        ),
    },
    negated={
        "high_availability": (
            "We do not need high availability.",
            "High availability is not needed for us at this time.",
        ),
        "multi_site": ("We have no plans for multi-site.", "There is no need for multiple sites here."),
        "disaster_recovery": ("We have no disaster recovery and nobody asks for it.",),
        "automation": ("We do this by hand, without automation.",),
        "security": ("This is not about security.",),
        "migration": ("A migration is out of scope.",),
        "licence_cost": ("It is not about the licence cost.",),
        "cancellation": ("No, we do not want to cancel.",),
    },
)

GERMAN = Phrases(
    greetings=("Hallo {name},", "Guten Tag {name},", "Liebe/r {name},"),
    neutral=(
        "vielen Dank für das Gespräch gestern.",
        "könnten Sie mir die Folien noch einmal schicken?",
        "unser Build läuft seit gestern deutlich länger – größer 40 Minuten.",
        "Dienstag um 14 Uhr würde uns gut passen.",
        "kein Problem, nächste Woche reicht auch.",
    ),
    closings=("Mit freundlichen Grüßen", "Viele Grüße", "Beste Grüße"),
    quote="Am {when} schrieb {name} <{address}>:",
    topics={
        "high_availability": ("Wir planen Hochverfügbarkeit für das nächste Quartal.",),
        "multi_site": ("Wir möchten mehrere Standorte anbinden.", "Wie funktioniert Multi-Site bei Ihnen?"),
        "disaster_recovery": ("Disaster Recovery ist bei uns ein Thema für das Audit.",),
        "automation": (
            "Wir möchten die Freigabe von Builds automatisieren.",
            "Uns fehlt noch die Automatisierung.",
        ),
        "security": ("Die Sicherheit unserer Images muss geprüft werden.",),
        "migration": ("Die Migration vom alten Server ist zur Hälfte geschafft.",),
        "licence_cost": ("Die Lizenzkosten sind bei uns gerade ein Thema.",),
        "cancellation": ("Wie ist die Frist für eine Kündigung?",),
    },
    negated={
        "high_availability": (
            "Hochverfügbarkeit brauchen wir nicht.",
            "Wir brauchen keine Hochverfügbarkeit.",
        ),
        "multi_site": ("Wir haben keine mehreren Standorte.",),
        "disaster_recovery": ("Wir haben kein Disaster Recovery.",),
        "automation": ("Das machen wir von Hand, ohne Automatisierung.",),
        "security": ("Es geht nicht um Sicherheit.",),
        "migration": ("Eine Migration ist nicht geplant.",),
        "licence_cost": ("Es geht nicht um die Lizenzkosten.",),
        "cancellation": ("Nein, wir wollen keine Kündigung.",),
    },
)

FRENCH = Phrases(
    greetings=("Bonjour {name},", "Cher/Chère {name},"),
    neutral=(
        "merci pour notre échange d’hier.",
        "pourriez-vous me renvoyer la présentation ?",
        "nos builds durent plus de 40 minutes depuis hier.",
        "mardi à 14 h nous conviendrait très bien.",
    ),
    closings=("Cordialement", "Bien à vous", "Merci d’avance"),
    quote="Le {when}, {name} <{address}> a écrit :",
    topics={
        "high_availability": ("Nous prévoyons la haute disponibilité pour le prochain trimestre.",),
        "multi_site": ("Nous voudrions passer en multi-sites.",),
        "disaster_recovery": ("La reprise après sinistre est à l’ordre du jour.",),
        "automation": ("Nous voulons aller vers l’automatisation des livraisons.",),
        "security": ("La sécurité de nos images doit être contrôlée.",),
        "migration": ("La migration de notre ancien serveur est à moitié faite.",),
        "licence_cost": ("Le coût des licences pose question chez nous.",),
        "cancellation": ("Quel est le délai de résiliation ?",),
    },
    negated={
        "high_availability": ("Nous n’avons pas besoin de haute disponibilité.",),
        "multi_site": ("Nous ne sommes pas en multi-sites.",),
        "disaster_recovery": ("Nous n’avons pas de plan de reprise après sinistre.",),
        "automation": ("Nous faisons cela à la main, sans automatisation.",),
        "security": ("Ce n’est pas une question de sécurité.",),
        "migration": ("Il n’y a pas de migration prévue.",),
        "licence_cost": ("Ce n’est pas une question de coût des licences.",),
        "cancellation": ("Il n’est pas question de résiliation.",),
    },
)

LANGUAGES = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}

REP_SENTENCES = (
    "Thank you for your message.",
    "I will check with our engineers and come back to you.",
    "Happy to set up a session with our architects.",
    "Have you seen our guide to high availability?",
    "The webinar on automation next week might interest you.",
    "I attach the offer; the licence cost has not changed.",
    "Security scanning is part of the Enterprise tier.",
    "A migration takes two days on average.",
    "Shall we talk on Thursday?",
)

MAIL_SUBJECTS = (
    "Build times",
    "Re-scheduling our call",
    "Question about tiers",
    "Offer Q3 & next steps",
    "Access for new colleagues",
    "<script>alert('mail')</script> upload error 🚀",
    '=HYPERLINK("http://prize.example","invoice")',
    "Überblick Repositories",
    "Réunion de suivi",
    "שאלה על הרישיון",
    "A very long subject that goes on and on " + "and on " * 25,
)

SIGNATURES = (
    "-- \n{name}\n{role}\n{company}\nTel. +00 555 0100",
    "--\n{name} | {company} | we are hiring security engineers",
    "{name}\n{role}, {company}\nThis message is confidential. If it is not for you, delete it.",
    "{name}",
)
"""Some mention a topic or a disclaimer, which says nothing about the customer."""

AUTO_REPLY = "I am out of office until {day} and have no access to my mail.\nIn urgent cases ask {other}.\n"
