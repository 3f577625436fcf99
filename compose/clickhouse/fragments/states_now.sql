SELECT
    trace_id,
    min(first) AS start_time,
    max(last) AS end_time,
    max(unfinished) AS unfinished_,
    min(session) AS session_,
    min(user) AS user_,
    min(program) AS program_,
    min(root) AS root_,
    min(question) AS question_,
    min(answer) AS answer_,
    arraySort(groupUniqArrayArray(tools)) AS tools_,
    arraySort(groupUniqArrayArray(models)) AS models_,
    groupUniqArrayArray(spans) AS spans_
FROM (
    SELECT * FROM trace_states{source}
    UNION ALL
    {trace_states:(
        SELECT * EXCEPT (ended, lasted, stands), ended AS end_time, stands AS state FROM dwd_unfinished_spans{source}
    )}
)
GROUP BY trace_id
