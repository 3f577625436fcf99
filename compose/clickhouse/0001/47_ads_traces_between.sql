CREATE OR REPLACE VIEW ads_traces_between AS
{trace_rows:trace_states_between(since = {since:Int64}, until = {until:Int64})};
