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
    )
