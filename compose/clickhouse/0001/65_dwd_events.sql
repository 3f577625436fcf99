CREATE OR REPLACE VIEW dwd_events AS
SELECT
    schema, record_id, time, observed_time, type, name, severity_number, severity, body, service, session_id, trace_id, span_id, attributes, resource, scope
FROM dwd_events_data FINAL;
