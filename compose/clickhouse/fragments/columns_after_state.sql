status, error_type, error_message, stack_trace, input, output, tool_name, tool_call_id, model,
    provider, input_tokens, output_tokens, cached_tokens, reasoning_tokens, cost_usd, cpu_percent,
    memory_mb, attributes, resource, scope, events, links
