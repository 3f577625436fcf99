-- One row a trace, running spans included.
CREATE OR REPLACE VIEW trace_states_now AS
{states_now:};
