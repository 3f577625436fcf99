"""JollyScope shows what an LLM agent did.

    import jollyscope
    jollyscope.init(service="my-agent")

records every OpenTelemetry span of the program; `jollyscope.run`, `think`, `act`, `observe` and
`respond` add explicit ReAct steps. See `docs/sdk.md`.
"""
