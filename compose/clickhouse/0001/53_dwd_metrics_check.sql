-- Reads a line once, and says what is wrong with it: as `dwd_spans_check`.
CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_metrics_check TO dwd_metrics_checked AS
WITH
    [
        'schema', 'record_id', 'name', 'time', 'start_time', 'type', 'value', 'unit',
        'description', 'temporality', 'monotonic', 'distribution', 'service', 'session_id',
        'trace_id', 'span_id', 'attributes', 'resource', 'scope'
    ] AS known,
    [
        'whole', 'text', 'text', 'whole', 'whole?', 'text', 'number?', 'text?', 'text?',
        'text?', 'truth?', 'object', 'text?', 'text?', 'text?', 'text?', 'object', 'object',
        'object'
    ] AS types,
{wrong_fields}
    JSONExtract(
        line,
        'Tuple(schema Nullable(Int64), record_id Nullable(String), name Nullable(String), time Nullable(Int64), start_time Nullable(Int64), type Nullable(String), value Nullable(Float64), unit Nullable(String), description Nullable(String), temporality Nullable(String), monotonic Nullable(Bool), service Nullable(String), session_id Nullable(String), trace_id Nullable(String), span_id Nullable(String))'
    ) AS record,
    fields.2[indexOf(names, 'distribution')] AS distribution_json,
    fields.2[indexOf(names, 'attributes')] AS attributes_json,
    fields.2[indexOf(names, 'resource')] AS resource_json,
    fields.2[indexOf(names, 'scope')] AS scope_json,
    if(distribution_json = '', '', simpleJSONExtractRaw(line, 'distribution')) AS distribution_found,
    if(distribution_found = '', line, substring(line, position(line, '"distribution":') + 15 + length(distribution_found))) AS behind_distribution,
    if(attributes_json = '', '', simpleJSONExtractRaw(behind_distribution, 'attributes')) AS attributes_found,
    if(attributes_found = '', behind_distribution, substring(behind_distribution, position(behind_distribution, '"attributes":') + 13 + length(attributes_found))) AS behind_attributes,
    if(resource_json = '', '', simpleJSONExtractRaw(behind_attributes, 'resource')) AS resource_found,
    if(resource_found = '', behind_attributes, substring(behind_attributes, position(behind_attributes, '"resource":') + 11 + length(resource_found))) AS behind_resource,
    if(scope_json = '', '', simpleJSONExtractRaw(behind_resource, 'scope')) AS scope_found
SELECT
    received,
    topic,
    partition,
    offset,
    line,
    multiIf(
{common_reasons}
        record.record_id IS NULL, 'record_id is missing',
        record.name IS NULL, 'name is missing',
        record.time IS NULL, 'time is missing',
        type NOT IN ('gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'), 'its type is none of the five',
        temporality NOT IN ('delta', 'cumulative'), 'its temporality is neither delta nor cumulative',
        ''
    ) AS reason,
    toInt32OrZero(toString(record.schema)) AS schema,
    ifNull(record.record_id, '') AS record_id,
    ifNull(record.name, '') AS name,
    ifNull(record.time, 0) AS time,
    record.start_time AS start_time,
    ifNull(record.type, 'gauge') AS type,
    record.value AS value,
    record.unit AS unit,
    record.description AS description,
    record.temporality AS temporality,
    record.monotonic AS monotonic,
    record.service AS service,
    record.session_id AS session_id,
    record.trace_id AS trace_id,
    record.span_id AS span_id,
    multiIf(distribution_json = '', '{}', JSONExtractRaw(distribution_found) = distribution_json, distribution_found, distribution_json) AS distribution,
    multiIf(attributes_json = '', '{}', JSONExtractRaw(attributes_found) = attributes_json, attributes_found, attributes_json) AS attributes,
    multiIf(resource_json = '', '{}', JSONExtractRaw(resource_found) = resource_json, resource_found, resource_json) AS resource,
    multiIf(scope_json = '', '{}', JSONExtractRaw(scope_found) = scope_json, scope_found, scope_json) AS scope
FROM ods_metrics;
