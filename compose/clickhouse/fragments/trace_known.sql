{trace_told:{source}}
SELECT trace_id, known FROM told
