-- The same of the traces that began in [since, until), so that no others' states have to be merged.
-- Which those may be is asked of the tables, since each look through a view is planned anew: it is the
-- last line that decides.
CREATE OR REPLACE VIEW trace_states_between AS
{states_now: WHERE trace_id IN (
        SELECT trace_id FROM trace_states WHERE first >= {since:Int64} AND first < {until:Int64}
        UNION ALL
        SELECT trace_id FROM dwd_open_spans_data
        WHERE closed = 0 AND start_time >= {since:Int64} AND start_time < {until:Int64}
    )}
HAVING min(first) >= {since:Int64} AND min(first) < {until:Int64};
