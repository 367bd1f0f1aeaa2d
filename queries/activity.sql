-- What people at a customer did with us, for the source `activity` (kind sql_activity).
--
-- Grain     one row per activity; a row may be written again, the one written last counts
-- Parameter :since      fetch rows written at or after this instant (SQLite: this day, as text); without a
--                       zone, in the source's timezone, where loaded_at has none. Some
--                       rows before the last one fetched are asked for again, in case they came late
-- Order     by loaded_at: reading resumes where it stopped
-- Columns   activity_id     unique
--           tenant_id       the product's id of the customer: the identity `tenant`; may be null
--           company_domain  the visitor's company, tried where the tenant matches nothing; may be null
--           happened_at     when, in UTC
--           kind            web_advanced, web_basic   visits to advanced and basic documentation
--                           webinar, event, training  taking part
--                           ticket                    a question to support
--                           survey                    an answer about satisfaction
--           amount          visits; attendees; hours until the first answer to a ticket; satisfaction
--                           from 1 to 10; null = not measured
--           loaded_at       when the warehouse wrote the row, in UTC: also when it could be known
-- Other kinds and column names are fine: map them under [sources.activity] in config.toml.

SELECT
    activity_id,
    tenant_id,
    company_domain,
    happened_at,
    kind,
    amount,
    loaded_at
FROM customer_activity
WHERE loaded_at >= :since
ORDER BY loaded_at
