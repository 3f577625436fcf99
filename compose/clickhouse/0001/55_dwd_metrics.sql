CREATE OR REPLACE VIEW dwd_metrics AS
SELECT
    schema, record_id, name, time, start_time, type, value, unit, description, temporality, monotonic, distribution, service, session_id, trace_id, span_id, attributes, resource, scope
FROM dwd_metrics_data FINAL;
