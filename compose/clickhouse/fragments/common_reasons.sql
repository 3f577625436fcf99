        empty(fields), if(isValidJSON(line), 'it is no object', 'it is no JSON that can be read'),
        notEmpty(wrong), concat('`', substringUTF8(wrong[1].1, 1, 60), '` cannot be ', substringUTF8(wrong[1].2, 1, 120)),
        length(names) <> length(arrayDistinct(names)), 'a field stands in it twice',
        record.schema IS NULL, 'it has no schema version',
        record.schema > 1, concat('its schema version ', toString(record.schema), ' is newer than 1, the newest read here'),
        record.schema < 1, concat('schema version ', toString(record.schema), ' never existed'),
        record.trace_id IS NOT NULL AND NOT match(record.trace_id, '^[0-9a-f]{32}$'), 'trace_id is not 32 digits of lowercase hex',
        record.span_id IS NOT NULL AND NOT match(record.span_id, '^[0-9a-f]{16}$'), 'span_id is not 16 digits of lowercase hex',
        record.trace_id = '00000000000000000000000000000000', 'trace_id is all zeros',
        record.span_id = '0000000000000000', 'span_id is all zeros',
        -- Counting brackets clears nearly every line; of the rest the strings are taken out first.
        countSubstrings(line, '[') + countSubstrings(line, '{') > 127
        AND arrayMax(
            arrayCumSum(
                arrayMap(
                    bracket -> if(bracket IN ('[', '{'), 1, -1),
                    extractAll(replaceRegexpAll(line, '"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"', ''), '[\\[{\\]}]')
                )
            )
        ) > 127, 'it is nested deeper than 127 levels',
