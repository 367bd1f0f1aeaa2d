"""[topics]: what is looked for in e-mails, as phrases."""

from pydantic import Field, RootModel, field_validator

DEFAULT_TOPICS = {
    "high_availability": (
        "high availability",
        "highly available",
        "HA",
        "failover",
        "active-active",
        "Hochverfügbarkeit",
        "haute disponibilité",
    ),
    "multi_site": (
        "multi-site",
        "multiple sites",
        "second site",
        "replication between sites",
        "mehrere Standorte",
    ),
    "disaster_recovery": (
        "disaster recovery",
        "backup and restore",
        "recovery plan",
        "Notfallplan",
        "reprise après sinistre",
    ),
    "automation": (
        "automation",
        "automate",
        "pipeline as code",
        "continuous delivery",
        "REST API",
        "Automatisierung",
        "automatisieren",
        "automatisation",
    ),
    "security": (
        "vulnerability scan",
        "vulnerability scanning",
        "security review",
        "single sign-on",
        "SBOM",
        "Sicherheit",
        "sécurité",
    ),
    "migration": ("migration", "migrate", "cut-over", "Umzug"),
    "licence_cost": (
        "licence cost",
        "license cost",
        "pricing",
        "price increase",
        "too expensive",
        "Lizenzkosten",
        "coût des licences",
    ),
    "cancellation": (
        "cancellation",
        "cancel the subscription",
        "cancel our subscription",
        "terminate the contract",
        "not renew",
        "Kündigung",
        "résiliation",
    ),
}


class TopicsTable(RootModel[dict[str, tuple[str, ...]]]):
    """A topic's name (lower case, digits, underscores) to the phrases that mention it."""

    root: dict[str, tuple[str, ...]] = Field(default=DEFAULT_TOPICS)

    @field_validator("root")
    @classmethod
    def _names(cls, topics: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name, phrases in topics.items():
            if not name.isidentifier() or name != name.lower():
                raise ValueError(
                    f'the topic "{name}" needs a name of lower-case letters, digits and underscores'
                )
            if not phrases:
                raise ValueError(f'the topic "{name}" has no phrases')
        return topics
