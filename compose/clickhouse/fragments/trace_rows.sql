-- Each step names only what the one before made: an alias that is used within its own SELECT is
-- planned anew wherever it stands, which took 250 ms of planning, and so takes 40.
WITH
    once AS (
        SELECT
            * EXCEPT (spans_),
            if(
                length(arrayDistinct(spans_.id)) = length(spans_),
                spans_,
                arrayCompact(s -> s.id, arraySort(s -> s.id, spans_))
            ) AS own
        FROM {source}
    ),
    -- What calls are made of and may stand within one another. Most traces have none that does.
    parted AS (
        SELECT
            *,
            length(own) > 512
            OR hasAny(
                arrayMap(s -> s.parent, arrayFilter(s -> s.step IN (0, 2, 3), own)),
                arrayMap(s -> s.id, arrayFilter(s -> s.step IN (2, 3), own))
            ) AS nested
        FROM once
    ),
    apart AS (
        SELECT
            *,
            arrayFilter(s -> nested AND s.step IN (0, 2, 3), own) AS parts,
            arrayFilter(s -> NOT nested OR s.step NOT IN (0, 2, 3), own) AS others
        FROM parted
    ),
    -- A call that stands in a span of the same call, with at most one other span between, was recorded
    -- twice. Each span is looked up by its parent: both in one array, sorted by id, and the parent
    -- carried on to its children behind it.
    sorted AS (
        SELECT
            *,
            arraySort(
                x -> x.1,
                arrayConcat(
                    arrayMap(s -> ((s.id, 0::UInt8), s), parts),
                    arrayMap(s -> ((s.parent, 1::UInt8), s), parts)
                )
            ) AS by_id
        FROM apart
    ),
    carried AS (
        SELECT *, arrayFill(x -> x.1.2 = 0, by_id) AS above_of FROM sorted
    ),
    looked_up AS (
        SELECT
            *,
            arrayFilter(
                l -> l.3,
                arrayMap(
                    (x, above) -> (
                        x.2,
                        above.2,
                        x.1.2 = 1,
                        above.1 = (x.1.1, 0::UInt8) AND x.2.step <> 0
                        AND (above.2.start, -above.2.end, above.2.id) < (x.2.start, -x.2.end, x.2.id)
                    ),
                    by_id,
                    above_of
                )
            ) AS pairs
        FROM carried
    ),
    sorted_again AS (
        SELECT
            *,
            arraySort(
                x -> x.1,
                arrayConcat(
                    arrayMap(s -> ((s.id, 0::UInt8), s, s), parts),
                    arrayMap(
                        l -> ((l.2.parent, 1::UInt8), l.1, l.2),
                        arrayFilter(l -> l.4 AND l.2.step = 0, pairs)
                    )
                )
            ) AS by_grandparent
        FROM looked_up
    ),
    carried_again AS (
        SELECT *, arrayFill(x -> x.1.2 = 0, by_grandparent) AS far_above FROM sorted_again
    ),
    -- Every span, whether it is a call seen twice, and the outer one.
    told AS (
        SELECT
            *,
            arrayConcat(
                arrayMap(s -> (s, false, s), others),
                arrayMap(
                    l -> (
                        l.1,
                        l.4 AND l.2.step = l.1.step
                        AND (l.1.tool = l.2.tool OR l.1.tool = 0 OR l.2.tool = 0),
                        l.2
                    ),
                    arrayFilter(l -> NOT (l.4 AND l.2.step = 0), pairs)
                ),
                arrayMap(
                    (x, above) -> (
                        x.2,
                        above.1 = (x.1.1, 0::UInt8) AND above.2.step = x.2.step
                        AND (above.2.start, -above.2.end, above.2.id) < (x.3.start, -x.3.end, x.3.id)
                        AND (x.2.tool = above.2.tool OR x.2.tool = 0 OR above.2.tool = 0),
                        above.2
                    ),
                    arrayFilter(x -> x.1.2 = 1, by_grandparent),
                    arrayFilter((above, x) -> x.1.2 = 1, far_above, by_grandparent)
                )
            ) AS known
        FROM carried_again
    ),
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
