            -- Whole numbers are those of a record: never negative, 63 bits.
            arrayFilter(
                (field, type) -> NOT multiIf(
                    type = '', true,
                    field.2 = 'null', type IN ('text?', 'whole?', 'number?', 'truth?'),
                    type IN ('text', 'text?'), startsWith(field.2, '"'),
                    type IN ('whole', 'whole?'),
                    match(field.2, '^[0-9]{1,19}$') AND toUInt64OrZero(field.2) < 9223372036854775808,
                    type = 'number?', match(field.2, '^[-0-9]'),
                    type = 'truth?', field.2 IN ('true', 'false'),
                    type = 'object', startsWith(field.2, '{'),
                    type = 'array', startsWith(field.2, '['),
                    type = 'any'
                ),
                fields,
                types
            ) AS wrong
