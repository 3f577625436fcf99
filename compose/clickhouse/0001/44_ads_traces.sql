-- What `trace_summary.sql` of the lake says, of arrays: no lambda looks at another array than the one it
-- goes through, since the engine would copy that one for each element.
CREATE OR REPLACE VIEW ads_traces AS
{trace_rows:trace_states_now};
