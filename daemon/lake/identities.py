"""Whose row is it: the newest accounts and contacts say which identity belongs to which account."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir


def newest(versions: ir.Table, key: str) -> ir.Table:
    """The newest row of each key, as the source dated them."""
    order = [ibis.desc("event_at"), ibis.desc("known_at"), ibis.desc("landed_at")]
    rank = ibis.row_number().over(ibis.window(group_by=key, order_by=order))
    return versions.mutate(rank=rank).filter(lambda t: t.rank == 0).drop("rank")


def survivors(merged: Mapping[str, str]) -> dict[str, str]:
    """The account that remains of each merged one, merges of merges followed.

    merged: account to the account that took its place.
    """
    ends = {}
    for account, into in merged.items():
        seen = {account}
        while into in merged and into not in seen:
            seen.add(into)
            into = merged[into]
        ends[account] = into
    return ends


def resolved(accounts: ir.Table, contacts: ir.Table, ends: ir.Table) -> ir.Table:
    """Columns `known_identity`, `owner`: the identities that exactly one account claims.

    accounts, contacts: the newest row of each. ends: account_id, survivor of merged accounts. A deleted
    account keeps what no living one claims, so that its past stays whole.
    """
    owned = accounts.left_join(ends, "account_id").select(
        account="account_id",
        tenant="tenant",
        domain="domain",
        owner=ibis.coalesce(ends.survivor, accounts.account_id),
        living=~accounts.deleted | ends.survivor.notnull(),
    )
    people = contacts.filter(contacts.address_hmac.notnull() & contacts.account_id.notnull())
    people = people.select(account="account_id", address="address_hmac").join(owned, "account")
    claims = ibis.union(
        _claims(owned, "account", "account"),
        _claims(owned, "tenant", "tenant"),
        _claims(owned, "domain", "domain"),
        _claims(people, "contact", "address"),
    )
    living, dead = claims.living, ~claims.living
    counted = claims.group_by("known_identity").aggregate(
        living=claims.owner.nunique(where=living),
        dead=claims.owner.nunique(where=dead),
        living_owner=claims.owner.max(where=living),
        dead_owner=claims.owner.max(where=dead),
    )
    only_dead = (counted.living == 0) & (counted.dead == 1)
    return counted.filter((counted.living == 1) | only_dead).select(
        "known_identity", owner=ibis.coalesce(counted.living_owner, counted.dead_owner)
    )


def _claims(rows: ir.Table, namespace: str, column: str) -> ir.Table:
    given = rows.filter(rows[column].notnull())
    return given.select(
        known_identity=ibis.literal(f"{namespace}:") + given[column], owner="owner", living="living"
    )


def with_account(rows: ir.Table, identities: ir.Table) -> ir.Table:
    """The rows with `account_id`: by their identity, else by the fallback, else null."""
    first = identities.select(first_identity="known_identity", first_owner="owner")
    second = identities.select(second_identity="known_identity", second_owner="owner")
    rows = rows.left_join(first, rows.identity == first.first_identity)
    rows = rows.left_join(second, rows.fallback_identity == second.second_identity)
    rows = rows.mutate(resolved_account=ibis.coalesce(rows.first_owner, rows.second_owner))
    return rows.drop("first_identity", "first_owner", "second_identity", "second_owner")
