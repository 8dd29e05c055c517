-- A row whose counts are all zero says that what it once counted has moved elsewhere: it is no row.
CREATE OR REPLACE VIEW list_health AS
SELECT * FROM list_health_versions FINAL
WHERE (sends, delivered, undelivered, clicks, clickers, scanner_clicks, replies, opt_outs,
    complaints, opt_ins, cost_micros) != (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

CREATE OR REPLACE VIEW send_cohort AS
SELECT * FROM send_cohort_versions FINAL
WHERE (sends, delivered, undelivered, clickers, repliers, opt_outs, complaints, converters,
    cost_micros) != (0, 0, 0, 0, 0, 0, 0, 0, 0);

CREATE OR REPLACE VIEW delivery_health AS
SELECT * FROM delivery_health_versions FINAL
WHERE (messages, delivered, undelivered) != (0, 0, 0);

CREATE OR REPLACE VIEW response_time AS
SELECT * FROM response_time_versions FINAL
WHERE messages != 0;

-- It has no totals of lists.
ALTER TABLE send_cohort_versions COMMENT COLUMN IF EXISTS campaign_id '';

-- Clicks of machines are nobody's engagement.
ALTER TABLE events_versions
    ADD COLUMN IF NOT EXISTS scanner UInt8 COMMENT '1: a click whose user agent is a link scanner''s' AFTER reply_intent;

CREATE OR REPLACE VIEW events AS
SELECT * EXCEPT (precedence) FROM events_versions FINAL;

-- As before, but without the clicks of link scanners. Those with the user agent of a person are told
-- by their time: within 2 seconds of the send, as link-scanners.csv and the job list-health have it.
ALTER TABLE engagement_recency MODIFY QUERY
WITH
    (SELECT max(least(event_time, appended_at)) FROM events) AS newest
SELECT
    list_id,
    multiIf(
        days <= 7, 7,
        days <= 30, 30,
        days <= 60, 60,
        days <= 90, 90,
        0) AS within_days,
    if(within_days = 0, 'dormant', concat('within ', toString(within_days), ' days')) AS recency,
    count() AS recipients,
    assumeNotNull(newest) AS as_of
FROM
(
    SELECT
        arrayJoin(lists) AS list_id,
        dateDiff('second', last_engagement, assumeNotNull(newest)) / 86400 AS days
    FROM
    (
        SELECT
            groupUniqArrayArray(lists) AS lists,
            greatest(
                max(answered),
                maxArray(arrayFilter(t -> t < sent OR t >= sent + INTERVAL 2 SECOND, clicked))) AS last_engagement
        FROM
        (
            SELECT
                recipient_id,
                groupUniqArrayIf(list_id, event_type = 'send') AS lists,
                minIf(event_time, event_type = 'send') AS sent,
                maxIf(event_time, event_type = 'conversion'
                    OR (event_type = 'reply' AND reply_intent != 'OPT_OUT')
                    OR (event_type = 'click' AND user_agent = '')) AS answered,
                groupArrayIf(event_time, event_type = 'click' AND user_agent != '' AND scanner = 0) AS clicked
            FROM events
            WHERE event_type IN ('send', 'click', 'conversion', 'reply')
            GROUP BY recipient_id, message_id
        )
        GROUP BY recipient_id
    )
)
GROUP BY list_id, within_days
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000;
