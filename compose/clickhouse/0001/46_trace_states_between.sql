-- The same of the traces that began in [since, until), so that no others' states have to be merged.
CREATE OR REPLACE VIEW trace_states_between AS
{states_now: WHERE trace_id IN (
        SELECT trace_id
        FROM (
            SELECT trace_id, first FROM trace_states
            UNION ALL
            SELECT trace_id, start_time FROM dwd_unfinished_spans
        )
        GROUP BY trace_id
        HAVING min(first) >= {since:Int64} AND min(first) < {until:Int64}
    )};
