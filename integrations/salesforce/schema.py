"""Everything that maturityd needs in an org, in one place: fields, history object, rule, permission sets.

The names are defaults: an admin may map each output to a field of another name, or to none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from integrations.salesforce.errors import FENCE_MESSAGE

ACCOUNT = "Account"
SCORE = "Maturity_Score__c"
SCORE_KEY = "Key__c"
SCORE_GEN = "Gen__c"
SYNC = "Maturity_Sync"
USER = "Maturity_User"
TASK = "Task"
ACTIVITY = "Activity"


@dataclass(frozen=True)
class FieldSpec:
    """A field as it is to be created.

    type: the Metadata API's word (`Picklist`, `Number`, `Text`, `LongTextArea`, `Html`, `DateTime`,
        `Checkbox`, `Lookup` to the account).
    output: the daemon's word for what it holds; also the key in [[salesforce.fields]].
    help: shown to reps beside the field; description: to admins.
    values: of a picklist, in order; restricted: it takes no others.
    precision: all digits; scale: those after the point.
    shared_values: the values come from a global value set, which is not ours to change.
    by_rep: written by reps and only read by the daemon.
    """

    object: str
    name: str
    label: str
    type: str
    output: str
    help: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    values: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    tracked: bool = False
    unique: bool = False
    restricted: bool = True
    shared_values: bool = False
    description: str = ""
    by_rep: bool = False

    @property
    def seen_on(self) -> str:
        """The object whose records show it: what tasks show is kept on Activity."""
        return TASK if self.object == ACTIVITY else self.object


@dataclass(frozen=True)
class ObjectSpec:
    """A custom object whose records are numbered by `number_format`."""

    name: str
    label: str
    plural: str
    number_format: str


@dataclass(frozen=True)
class RuleSpec:
    """A validation rule: refuses a save for which `formula` is true."""

    object: str
    name: str
    formula: str
    message: str
    description: str


READ = frozenset({"Read"})
EDIT = READ | {"Edit"}
CREATE = EDIT | {"Create"}


@dataclass(frozen=True)
class PermissionSetSpec:
    """A permission set: rights on objects ("Account") and on fields ("Account.Maturity_Score__c").

    user: rights that belong to no object ("EditTask").
    """

    name: str
    label: str
    description: str
    objects: Mapping[str, frozenset[str]]
    fields: Mapping[str, frozenset[str]]
    user: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OrgSpec:
    """What an org is to have."""

    objects: tuple[ObjectSpec, ...] = ()
    fields: tuple[FieldSpec, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    permission_sets: tuple[PermissionSetSpec, ...] = ()


def _account(output: str, name: str, label: str, type: str, help: str, **more: object) -> FieldSpec:
    return FieldSpec(ACCOUNT, name, label, type, output, help, **more)  # type: ignore[arg-type]


def _forecast(days: int) -> FieldSpec:
    return _account(
        f"forecast_{days}d",
        f"Usage_Forecast_{days}d__c",
        f"Usage Forecast {days} Days",
        "Number",
        f"Expected usage over the next {days} days, in events.",
        precision=18,
    )


FIELDS = (
    _account(
        "rating",
        "Maturity_Rating__c",
        "Maturity Rating",
        "Picklist",
        "How mature this customer's use is. Unknown: too little is known to say; see Maturity Status.",
        values=("Low", "Medium", "High", "Unknown"),
        tracked=True,
    ),
    _account(
        "score",
        "Maturity_Score__c",
        "Maturity Score",
        "Number",
        "Maturity from 0 to 100. Small moves mean nothing; look at the rating.",
        precision=4,
        scale=1,
    ),
    _account(
        "reasons",
        "Maturity_Reasons__c",
        "Maturity Reasons",
        "Html",
        "What raises (green) and lowers (red) the score, the strongest first.",
        length=32768,
    ),
    _account(
        "reasons_text",
        "Maturity_Reasons_Text__c",
        "Maturity Reasons (Text)",
        "LongTextArea",
        "The same reasons without colour, for reports and phones.",
        length=32768,
    ),
    _account(
        "summary",
        "Maturity_Summary__c",
        "Maturity Summary",
        "Text",
        "The rating and its strongest reasons in a sentence.",
        length=255,
    ),
    _account(
        "upsell",
        "Upsell_Rating__c",
        "Upsell Rating",
        "Picklist",
        "How far the customer's maturity is ahead of their subscription.",
        values=("None", "Low", "Medium", "High"),
        tracked=True,
    ),
    _account(
        "upsell_reason",
        "Upsell_Reason__c",
        "Upsell Reason",
        "Text",
        "Why the upsell rating is what it is.",
        length=255,
    ),
    _account(
        "health",
        "Usage_Health__c",
        "Usage Health",
        "Picklist",
        "Where usage is going. Unknown: too little history, or too noisy to say.",
        values=("Positive", "Stable", "Negative", "Unknown"),
        tracked=True,
    ),
    _account(
        "forecast",
        "Usage_Forecast__c",
        "Usage Forecast",
        "Text",
        "The usage forecast in a sentence.",
        length=255,
    ),
    _forecast(30),
    _forecast(60),
    _forecast(90),
    _account(
        "forecast_data",
        "Usage_Forecast_Data__c",
        "Usage Forecast Data",
        "LongTextArea",
        "The figures behind the forecast plot (JSON).",
        length=32768,
    ),
    _account(
        "anomaly",
        "Usage_Anomaly__c",
        "Usage Anomaly",
        "Text",
        "The newest unusual usage, in a sentence; empty if there is none.",
        length=255,
    ),
    _account(
        "status",
        "Maturity_Status__c",
        "Maturity Status",
        "Picklist",
        "How far the other maturity fields can be relied on.",
        values=("Scored", "Provisional", "Too little data", "Unmatched", "Held", "Stale", "Excluded"),
        tracked=True,
    ),
    _account(
        "status_reason",
        "Maturity_Status_Reason__c",
        "Maturity Status Reason",
        "Text",
        "Why the status is what it is.",
        length=255,
    ),
    _account(
        "data_as_of",
        "Maturity_Data_As_Of__c",
        "Maturity Data As Of",
        "DateTime",
        "The rating knows what was known at this time.",
    ),
    _account(
        "gen",
        "Maturity_Gen__c",
        "Maturity Generation",
        "Number",
        "Counts maturityd's writes, so that a late one cannot overwrite a newer one. Do not edit.",
        precision=18,
    ),
    _account(
        "feedback",
        "Maturity_Feedback__c",
        "Maturity Feedback",
        "Picklist",
        "Your view of the rating, or what came of the offer. Future ratings learn from it.",
        values=(
            "Rating right",
            "Rating too low",
            "Rating too high",
            "Not interested",
            "Not now",
            "Won",
            "No fit",
        ),
        tracked=True,
        by_rep=True,
    ),
    _account(
        "feedback_note",
        "Maturity_Feedback_Note__c",
        "Maturity Feedback Note",
        "Text",
        "Anything worth knowing about your feedback.",
        length=255,
        by_rep=True,
    ),
)
"""Fields of the account. `output` is unique."""

SCORE_OBJECT = ObjectSpec(SCORE, "Maturity Score", "Maturity Scores", "MS-{00000000}")

SCORE_FIELDS = (
    FieldSpec(
        SCORE, "Key__c", "Key", "Text", "key", "One score per account and slot.", length=80, unique=True
    ),
    FieldSpec(SCORE, "Account__c", "Account", "Lookup", "account"),
    FieldSpec(SCORE, "Rating__c", "Rating", "Text", "rating", length=20),
    FieldSpec(SCORE, "Upsell__c", "Upsell", "Text", "upsell", length=20),
    FieldSpec(SCORE, "Health__c", "Health", "Text", "health", length=20),
    FieldSpec(SCORE, "Score__c", "Score", "Number", "score", precision=4, scale=1),
    FieldSpec(SCORE, "Reasons__c", "Reasons", "LongTextArea", "reasons_text", length=32768),
    FieldSpec(SCORE, "As_Of__c", "As Of", "DateTime", "data_as_of"),
    FieldSpec(SCORE, "Model_Version__c", "Model Version", "Text", "model_version", length=40),
    FieldSpec(SCORE, SCORE_GEN, "Generation", "Number", "gen", precision=18),
)
"""Fields of the score record, the history of an account."""


def fence(object_name: str, gen_field: str) -> RuleSpec:
    """The rule that refuses a write older than the one the record holds."""
    return RuleSpec(
        object_name,
        "Maturity_Gen_Only_Rises",
        f"AND(ISCHANGED({gen_field}), {gen_field} < PRIORVALUE({gen_field}))",
        FENCE_MESSAGE,
        "Keeps a late write of maturityd from overwriting a newer one.",
    )


def org_spec(
    fields: tuple[FieldSpec, ...] = FIELDS, reads: Mapping[str, Iterable[str]] | None = None
) -> OrgSpec:
    """What the org is to have when the account's fields are these.

    reads: object -> the customer's own custom fields on it that sources read; the sync user may see
        these objects and fields. Standard fields are left to the user's profile.
    """
    gen = next(spec for spec in fields if spec.output == "gen")
    both = (*fields, *SCORE_FIELDS)
    reads = reads or {}
    sync = PermissionSetSpec(
        SYNC,
        "Maturity Sync",
        "For the user of maturityd: writes the maturity fields and scores, reads the feedback.",
        {**dict.fromkeys(reads, READ), gen.object: EDIT, SCORE: CREATE},
        {f"{name}.{own}": READ for name, owns in reads.items() for own in owns}
        | {f"{spec.object}.{spec.name}": READ if spec.by_rep else EDIT for spec in both},
    )
    user = PermissionSetSpec(
        USER,
        "Maturity User",
        "For reps, who may edit accounts anyway: shows the maturity fields and scores, takes the feedback.",
        {gen.object: READ, SCORE: READ},
        {f"{spec.object}.{spec.name}": EDIT if spec.by_rep else READ for spec in both},
    )
    rules = (fence(gen.object, gen.name), fence(SCORE, SCORE_GEN))
    return OrgSpec((SCORE_OBJECT,), both, rules, (sync, user))
