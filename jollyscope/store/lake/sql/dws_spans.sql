-- Spans, and of a call that two libraries recorded, one span within the other, what the outer one said
-- of it: so that sums count it once. `{spans}` are dwd_spans with `said`.
CREATE VIEW dws_spans AS
SELECT
    * EXCLUDE (said),
    said IS NOT NULL AS repeated,
    said.tool_name AS outer_tool_name,
    said.model AS outer_model,
    said.provider AS outer_provider,
    said.input_tokens AS outer_input_tokens,
    said.output_tokens AS outer_output_tokens,
    said.cached_tokens AS outer_cached_tokens,
    said.reasoning_tokens AS outer_reasoning_tokens,
    said.cost_usd AS outer_cost_usd
FROM {spans};
