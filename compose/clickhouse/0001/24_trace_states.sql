-- Of every trace what its row is made of. All of it ignores doubles (least, greatest, sets), so that
-- redelivered and late spans leave it exact, whatever has merged. Of a span 60 bytes are kept: where it
-- hangs, when it was, what it is and what it cost.
CREATE TABLE IF NOT EXISTS trace_states (
    trace_id    String CODEC(ZSTD(1)),
    first       SimpleAggregateFunction(min, Int64) CODEC(ZSTD(1)),
    last        SimpleAggregateFunction(max, Int64) CODEC(ZSTD(1)),
    heard       SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    unfinished  SimpleAggregateFunction(max, UInt8) CODEC(ZSTD(1)),
    session     SimpleAggregateFunction(min, Tuple(UInt8, UInt8, Int64, String, String)) CODEC(ZSTD(1)),
    user        SimpleAggregateFunction(min, Tuple(UInt8, UInt8, Int64, String, String)) CODEC(ZSTD(1)),
    program     SimpleAggregateFunction(min, Tuple(UInt8, UInt8, Int64, String, String)) CODEC(ZSTD(1)),
    root        SimpleAggregateFunction(min, Tuple(UInt8, Int64, String, String, String)) CODEC(ZSTD(1)),
    question    SimpleAggregateFunction(min, Tuple(UInt8, UInt8, Int64, String, String)) CODEC(ZSTD(1)),
    answer      SimpleAggregateFunction(min, Tuple(UInt8, Int64, UInt64, String)) CODEC(ZSTD(1)),
    tools       SimpleAggregateFunction(groupUniqArrayArray, Array(String)) CODEC(ZSTD(1)),
    models      SimpleAggregateFunction(groupUniqArrayArray, Array(String)) CODEC(ZSTD(1)),
    spans       SimpleAggregateFunction(groupUniqArrayArray, Array(Tuple(
        id UInt64, parent UInt64, start Int64, end Int64, step UInt8, flags UInt8, tool UInt64,
        input_tokens Nullable(Int64), output_tokens Nullable(Int64), cost_usd Nullable(Float64)
    ))) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
ORDER BY trace_id;
