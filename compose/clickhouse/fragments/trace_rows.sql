{trace_told:{source}},
    summed AS (
        SELECT
            *,
            arrayMap(
                k -> assumeNotNull(k.1.input_tokens),
                arrayFilter(
                    k -> k.1.step <> 1 AND k.1.input_tokens IS NOT NULL AND NOT (k.2 AND k.3.input_tokens IS NOT NULL),
                    known
                )
            ) AS sent,
            arrayMap(
                k -> assumeNotNull(k.1.output_tokens),
                arrayFilter(
                    k -> k.1.step <> 1 AND k.1.output_tokens IS NOT NULL AND NOT (k.2 AND k.3.output_tokens IS NOT NULL),
                    known
                )
            ) AS got,
            arrayMap(
                k -> assumeNotNull(k.1.cost_usd),
                arrayFilter(
                    k -> k.1.step <> 1 AND k.1.cost_usd IS NOT NULL AND NOT (k.2 AND k.3.cost_usd IS NOT NULL),
                    known
                )
            ) AS paid,
            arrayFilter(s -> s.step = 1, own) AS asked,
            multiIf(unfinished_ >= 2, 'open', unfinished_ = 1, 'interrupted', 'closed') AS stands,
            if(
                root_.1 = 0,
                root_.5,
                if(arrayExists(s -> bitTest(s.flags, 0), own), 'error', 'unset')
            ) AS ended,
            arrayExists(s -> s.step = 4, own) AS has_observed,
            -- `y` is a thought that may be the answer; a call's end sorts behind its start.
            arrayMap(
                k -> (
                    k.1.start, k.1.start, k.1.id, 0::UInt8,
                    multiIf(
                        k.1.step = 0, 'E',
                        bitTest(k.1.flags, 0), substring('UTAOR', k.1.step, 1),
                        k.1.step = 2 AND bitTest(k.1.flags, 1), 'y',
                        substring('utaor', k.1.step, 1)
                    )
                ),
                arrayFilter(k -> NOT k.2 AND (k.1.step <> 0 OR bitTest(k.1.flags, 0)), known)
            ) AS begun,
            arrayMap(
                k -> (k.1.end, k.1.start, k.1.id, 1::UInt8, 'o'),
                arrayFilter(k -> k.1.step = 3 AND NOT k.2 AND bitTest(k.1.flags, 1), known)
            ) AS seen
        FROM told
    ),
    stepped AS (
        SELECT
            *,
            arrayStringConcat(
                arrayMap(x -> x.5, arraySort(if(has_observed, begun, arrayConcat(begun, seen))))
            ) AS letters
        FROM summed
    ),
    derived AS (
        SELECT
            *,
            empty(asked) AND arrayExists(k -> k.1.step = 2 AND NOT k.2 AND bitTest(k.1.flags, 2), known) AS asks,
            NOT arrayExists(s -> s.step = 5, own) AND stands = 'closed' AND ended <> 'error'
            AND (arrayExists(s -> bitTest(s.flags, 1), asked) OR endsWith(letters, 'y')) AS answers
        FROM stepped
    )
SELECT
    trace_id,
    if(session_.1 = 1, NULL, session_.5) AS session_id,
    if(user_.1 = 1, NULL, user_.5) AS user_id,
    if(program_.1 = 1, NULL, program_.5) AS service,
    root_.4 AS name,
    if(question_.1 = 3, NULL, question_.5) AS input,
    if(answer_.1 = 3, NULL, answer_.4) AS output,
    start_time,
    end_time,
    (end_time - start_time) / 1e6 AS duration_ms,
    stands AS state,
    ended AS status,
    toInt64(length(own)) AS span_count,
    toInt64(length(letters) - countSubstrings(letters, 'E') + asks + answers) AS step_count,
    toInt64(arrayCount(s -> bitTest(s.flags, 0), own)) AS error_count,
    toInt64(arrayCount(k -> k.1.step = 3 AND NOT k.2, known)) AS tool_calls,
    tools_ AS tools,
    models_ AS models,
    if(
        notEmpty(sent),
        arraySum(sent),
        arrayReduce('max', arrayMap(s -> s.input_tokens, asked))
    ) AS input_tokens,
    if(
        notEmpty(got),
        arraySum(got),
        arrayReduce('max', arrayMap(s -> s.output_tokens, asked))
    ) AS output_tokens,
    if(
        notEmpty(paid),
        arraySum(arraySort(paid)),
        arrayReduce('max', arrayMap(s -> s.cost_usd, asked))
    ) AS cost_usd,
    substring(concat(if(asks, 'u', ''), replaceAll(letters, 'y', 't'), if(answers, 'r', '')), 1, 64) AS step_strip
FROM derived
