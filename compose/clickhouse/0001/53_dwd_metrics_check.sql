-- Reads a line once, and says what is wrong with it: as `dwd_spans_check`.
CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_metrics_check TO dwd_metrics_checked AS
WITH
    read AS (
        SELECT
            received, topic, partition, offset, line,
            JSONExtractKeysAndValuesRaw(line) AS fields,
            JSONExtract(line, 'Tuple(
            schema Nullable(Int64), record_id Nullable(String), name Nullable(String), time
            Nullable(Int64), start_time Nullable(Int64), type Nullable(String), value
            Nullable(Float64), unit Nullable(String), description Nullable(String),
            temporality Nullable(String), monotonic Nullable(Bool), service
            Nullable(String), session_id Nullable(String), trace_id Nullable(String),
            span_id Nullable(String)
            )') AS record
        FROM ods_metrics
    ),
    named AS (SELECT *, fields.1 AS names FROM read),
    typed AS (
        SELECT
            *,
            arrayMap(
                name -> transform(
                    name,
                    [
                        'schema', 'record_id', 'name', 'time', 'start_time', 'type', 'value', 'unit',
                        'description', 'temporality', 'monotonic', 'distribution', 'service', 'session_id',
                        'trace_id', 'span_id', 'attributes', 'resource', 'scope'
                    ],
                    [
                        'whole', 'text', 'text', 'whole', 'whole?', 'text', 'number?', 'text?', 'text?',
                        'text?', 'truth?', 'object', 'text?', 'text?', 'text?', 'text?', 'object', 'object',
                        'object'
                    ],
                    ''
                ),
                names
            ) AS types,
            fields.2[indexOf(names, 'distribution')] AS distribution_json,
            fields.2[indexOf(names, 'attributes')] AS attributes_json,
            fields.2[indexOf(names, 'resource')] AS resource_json,
            fields.2[indexOf(names, 'scope')] AS scope_json
        FROM named
    ),
    found_distribution AS (
        SELECT *, if(distribution_json = '', '', simpleJSONExtractRaw(line, 'distribution')) AS distribution_found FROM typed
    ),
    behind_distribution AS (
        SELECT
            *,
            if(distribution_found = '', line, substring(line, position(line, '"distribution":') + 15 + length(distribution_found))) AS after_distribution
        FROM found_distribution
    ),
    found_attributes AS (
        SELECT *, if(attributes_json = '', '', simpleJSONExtractRaw(after_distribution, 'attributes')) AS attributes_found FROM behind_distribution
    ),
    behind_attributes AS (
        SELECT
            *,
            if(attributes_found = '', after_distribution, substring(after_distribution, position(after_distribution, '"attributes":') + 13 + length(attributes_found))) AS after_attributes
        FROM found_attributes
    ),
    found_resource AS (
        SELECT *, if(resource_json = '', '', simpleJSONExtractRaw(after_attributes, 'resource')) AS resource_found FROM behind_attributes
    ),
    behind_resource AS (
        SELECT
            *,
            if(resource_found = '', after_attributes, substring(after_attributes, position(after_attributes, '"resource":') + 11 + length(resource_found))) AS after_resource
        FROM found_resource
    ),
    found_scope AS (
        SELECT *, if(scope_json = '', '', simpleJSONExtractRaw(after_resource, 'scope')) AS scope_found FROM behind_resource
    ),
    judged AS (
        SELECT
            received, topic, partition, offset, line, fields, names, record,
{wrong_fields},
            toInt32(ifNull(record.schema, 0)) AS schema,
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
        FROM found_scope
    )
SELECT
    * EXCEPT (fields, names, record, wrong),
    multiIf(
{common_reasons}
        record.record_id IS NULL, 'record_id is missing',
        record.name IS NULL, 'name is missing',
        record.time IS NULL, 'time is missing',
        type NOT IN ('gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'), 'its type is none of the five',
        temporality NOT IN ('delta', 'cumulative'), 'its temporality is neither delta nor cumulative',
        ''
    ) AS reason
FROM judged;
