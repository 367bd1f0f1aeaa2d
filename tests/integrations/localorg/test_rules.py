"""The list of rules is whole and the documentation shows it."""

from pathlib import Path

from integrations.localorg import faults, rules

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "local-org.md").read_text("utf-8")


def test_the_page_shows_every_rule_with_its_evidence() -> None:
    assert PAGE.endswith(rules.document() + "\n")


def test_the_page_shows_every_fault() -> None:
    for kind, words in faults.KINDS.items():
        assert f"| `{kind}` | {words} |" in PAGE


def test_every_rule_names_its_evidence_and_a_module_that_exists() -> None:
    folder = ROOT / "integrations" / "localorg"
    for rule in rules.RULES:
        assert rule.evidence in rules.EVIDENCE
        assert (folder / f"{rule.where}.py").exists(), rule


def test_no_rule_stands_twice() -> None:
    assert len({rule.says for rule in rules.RULES}) == len(rules.RULES)
