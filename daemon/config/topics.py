"""[topics]: what is looked for in e-mails, as phrases."""

from pydantic import Field, RootModel, field_validator

DEFAULT_TOPICS = {
    "high_availability": ("high availability", "HA", "failover", "active-active"),
    "multi_site": ("multi-site", "second site", "replication between sites"),
    "disaster_recovery": ("disaster recovery", "backup and restore", "recovery plan"),
    "automation": ("pipeline as code", "automation", "continuous delivery", "REST API"),
    "security": ("vulnerability scan", "security review", "single sign-on", "SBOM"),
    "migration": ("migration", "migrate", "cut-over"),
    "licence_cost": ("licence cost", "license cost", "price increase", "too expensive"),
    "cancellation": ("cancel our subscription", "terminate the contract", "not renew"),
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
