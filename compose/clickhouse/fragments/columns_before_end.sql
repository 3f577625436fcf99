schema, trace_id, span_id, parent_span_id, session_id, conversation_id, user_id, service, name, kind,
    step_type, start_time
