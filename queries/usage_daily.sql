-- Daily product usage, for the source `usage` (kind sql_usage).
--
-- Grain     one row per tenant, day and technology; a row may be written again with other numbers,
--           the one written last counts
-- Parameter :since      fetch rows written at or after this instant (SQLite: this day, as text); without a
--                       zone, in the source's timezone, where loaded_at has none. Some
--                       rows before the last one fetched are asked for again, in case they came late
-- Order     by loaded_at: reading resumes where it stopped
-- Columns   tenant_id     the product's id of the customer: the identity `tenant`
--           usage_date    calendar day of use, in UTC
--           technology    what was used; without this column all usage is one technology, "all"
--           event_count   uses that day
--           active_users  people who used it that day; null = not measured
--           repositories  repositories touched that day; null = not measured
--           loaded_at     when the warehouse wrote the row, in UTC: also when it could be known
-- Other column names are fine: map them under [sources.usage.columns] in config.toml.

SELECT
    tenant_id,
    usage_date,
    technology,
    event_count,
    active_users,
    repositories,
    loaded_at
FROM product_usage
WHERE loaded_at >= :since
ORDER BY loaded_at
