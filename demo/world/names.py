"""Names of companies and people, some of them hard to bear for a careless program."""

HOSTILE_NAMES = (
    "<b>Bold & Sons</b>",
    "O'Neil \\ Partners",
    '=HYPERLINK("http://prize.example","Click")',
    "<script>alert('crm')</script> Logistics",
    "כלי ענן בע״מ",
    "شركة النيل للبرمجيات",
    "🚀 Rocket Réseaux 🇫🇷",
    "株式会社さくらビルド",
    "+49 Build & Co. KG",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "'; DROP TABLE Account; --",
    '100 %_Sure "Quoted", Ltd.',
    "{{ 7*7 }} Templates GmbH",
    "Lukas\u202egnivig\u202c Bidi AB",
    "null",
    "Gesellschaft für " + "sehr " * 45 + "lange Namen",
)
"""Names with markup, quotes, formulas, right-to-left text, emoji, and one about as long as a CRM allows."""

PREFIXES = (
    "Alder", "Amber", "Aspen", "Basalt", "Beacon", "Birch", "Blue Harbour", "Bright", "Cedar", "Cobalt",
    "Copper", "Crystal", "Delta", "Ember", "Falcon", "Fjord", "Flint", "Garnet", "Glacier", "Granite",
    "Harrow", "Heron", "Iron Gate", "Juniper", "Kestrel", "Lark", "Linden", "Maple", "Meridian", "Nimbus",
    "Oak", "Onyx", "Orchard", "Pine", "Quartz", "Raven", "River", "Saffron", "Silver", "Tidal", "Vale",
    "Willow",
)  # fmt: skip
SUFFIXES = (
    "Analytics", "Aviation", "Bank", "Biotech", "Broadcasting", "Data", "Energy", "Foods", "Freight", "Games",
    "Health", "Insurance", "Labs", "Logistics", "Media", "Mobility", "Networks", "Payments", "Pharma",
    "Robotics", "Software", "Systems", "Telecom", "Textiles", "Travel",
)  # fmt: skip
LEGAL_FORMS = {
    "US": "Inc.", "GB": "Ltd", "DE": "GmbH", "FR": "SAS", "NL": "B.V.", "SE": "AB", "JP": "K.K.",
    "BR": "Ltda.", "IN": "Pvt. Ltd.", "IL": "Ltd.",
}  # fmt: skip

INDUSTRIES = (
    "Banking", "Energy", "Healthcare", "Insurance", "Manufacturing", "Media", "Retail", "Technology",
    "Telecommunications", "Transportation",
)  # fmt: skip
REGIONS = {"US": "AMER", "BR": "AMER", "JP": "APAC", "IN": "APAC"}
"""Regions of the countries outside EMEA."""

COUNTRY_SHARES = {
    "US": 0.3, "DE": 0.15, "GB": 0.12, "FR": 0.1, "NL": 0.07, "SE": 0.06, "JP": 0.06, "BR": 0.05, "IN": 0.05,
    "IL": 0.04,
}  # fmt: skip

ROLES = (
    "Developer", "DevOps Engineer", "Platform Lead", "Architect", "Security Officer", "IT Manager",
    "Procurement", "CTO",
)  # fmt: skip

Name = tuple[str, str, str]
"""First name, last name, and the local part of an address made of them."""


def _latin(first: str, last: str, local: str = "") -> Name:
    return first, last, local or f"{first}.{last}".lower().replace("'", "")


PEOPLE: dict[str, tuple[Name, ...]] = {
    "US": (
        _latin("Grace", "Walker"),
        _latin("Tyler", "O'Brien"),
        _latin("Ava", "Nguyen"),
        _latin("Marcus", "Reed"),
        _latin("Dana", "Kim"),
        _latin("Joel", "Baker"),
        _latin("Robin", "Lopez"),
        _latin("Casey", "Wright"),
    ),
    "GB": (
        _latin("Imogen", "Clarke"),
        _latin("Callum", "Hughes"),
        _latin("Priya", "Shah"),
        _latin("Owen", "D'Arcy"),
        _latin("Freya", "Bell"),
        _latin("Harry", "Moss"),
    ),
    "DE": (
        _latin("Jürgen", "Müller", "juergen.mueller"),
        _latin("Anke", "Weiß", "anke.weiss"),
        _latin("Lena", "Vogt"),
        _latin("Björn", "Schäfer", "bjoern.schaefer"),
        _latin("Katrin", "Lang"),
        _latin("Emre", "Yıldız", "emre.yildiz"),
    ),
    "FR": (
        _latin("Chloé", "Lefèvre", "chloe.lefevre"),
        _latin("Hugo", "Moreau"),
        _latin("Zoë", "d'Aubigné", "zoe.daubigne"),
        _latin("François", "Petit", "francois.petit"),
        _latin("Inès", "Garnier", "ines.garnier"),
    ),
    "NL": (
        _latin("Sanne", "de Vries", "sanne.devries"),
        _latin("Daan", "Bakker"),
        _latin("Fleur", "Visser"),
        _latin("Joost", "van 't Hoff", "joost.vanthoff"),
    ),
    "SE": (
        _latin("Åsa", "Öberg", "asa.oberg"),
        _latin("Nils", "Sjöström", "nils.sjostrom"),
        _latin("Elin", "Berg"),
        _latin("Oskar", "Lund"),
    ),
    "JP": (
        ("葵", "佐藤", "aoi.sato"),
        ("健", "田中", "ken.tanaka"),
        ("美咲", "山本", "misaki.yamamoto"),
        _latin("Haruto", "Ito"),
    ),
    "BR": (
        _latin("João", "Conceição", "joao.conceicao"),
        _latin("Beatriz", "Souza"),
        _latin("Thiago", "Araújo", "thiago.araujo"),
        _latin("Larissa", "Melo"),
    ),
    "IN": (
        _latin("Ananya", "Iyer"),
        _latin("Rahul", "Mehta"),
        _latin("Kavya", "Nair"),
        _latin("Arjun", "Rao"),
    ),
    "IL": (
        ("נועה", "כהן", "noa.cohen"),
        ("איתי", "לוי", "itai.levi"),
        ("ליאור", "מזרחי", "lior.mizrahi"),
        ("سامي", "حداد", "sami.haddad"),
    ),
}
