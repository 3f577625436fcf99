-- Reads a line once, and says what is wrong with it: as `dwd_spans_check`.
CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_events_check TO dwd_events_checked AS
WITH
    read AS (
        SELECT
            received, topic, partition, offset, line,
            JSONExtractKeysAndValuesRaw(line) AS fields,
            JSONExtract(line, 'Tuple(
            schema Nullable(Int64), record_id Nullable(String), time Nullable(Int64),
            observed_time Nullable(Int64), type Nullable(String), name Nullable(String),
            severity_number Nullable(Int64), severity Nullable(String), service
            Nullable(String), session_id Nullable(String), trace_id Nullable(String),
            span_id Nullable(String)
            )') AS record
        FROM ods_events
    ),
    named AS (SELECT *, fields.1 AS names FROM read),
    typed AS (
        SELECT
            *,
            arrayMap(
                name -> transform(
                    name,
                    [
                        'schema', 'record_id', 'time', 'observed_time', 'type', 'name', 'severity_number',
                        'severity', 'body', 'service', 'session_id', 'trace_id', 'span_id', 'attributes',
                        'resource', 'scope'
                    ],
                    [
                        'whole', 'text', 'whole', 'whole?', 'text', 'text?', 'whole', 'text?', 'any', 'text?',
                        'text?', 'text?', 'text?', 'object', 'object', 'object'
                    ],
                    ''
                ),
                names
            ) AS types,
            fields.2[indexOf(names, 'body')] AS body_json,
            fields.2[indexOf(names, 'attributes')] AS attributes_json,
            fields.2[indexOf(names, 'resource')] AS resource_json,
            fields.2[indexOf(names, 'scope')] AS scope_json
        FROM named
    ),
    found_body AS (
        SELECT *, if(body_json = '', '', simpleJSONExtractRaw(line, 'body')) AS body_found FROM typed
    ),
    behind_body AS (
        SELECT
            *,
            if(body_found = '', line, substring(line, position(line, '"body":') + 7 + length(body_found))) AS after_body
        FROM found_body
    ),
    found_attributes AS (
        SELECT *, if(attributes_json = '', '', simpleJSONExtractRaw(after_body, 'attributes')) AS attributes_found FROM behind_body
    ),
    behind_attributes AS (
        SELECT
            *,
            if(attributes_found = '', after_body, substring(after_body, position(after_body, '"attributes":') + 13 + length(attributes_found))) AS after_attributes
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
            ifNull(record.time, 0) AS time,
            record.observed_time AS observed_time,
            ifNull(record.type, 'log') AS type,
            record.name AS name,
            toInt32(ifNull(record.severity_number, 0)) AS severity_number,
            record.severity AS severity,
            record.service AS service,
            record.session_id AS session_id,
            record.trace_id AS trace_id,
            record.span_id AS span_id,
            multiIf(body_json IN ('', 'null'), NULL, JSONExtractRaw(body_found) = body_json, body_found, body_json) AS body,
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
        record.time IS NULL, 'time is missing',
        type NOT IN ('log', 'state', 'alert', 'audit', 'file'), 'its type is none of the five',
        severity_number > 24, 'severity_number is above 24',
        ''
    ) AS reason
FROM judged;
