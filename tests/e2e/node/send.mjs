// Sends a few spans with a stock exporter (`http`, `proto` or `grpc`) to where OTEL_* says, and prints
// them as an exporter in memory saw them. Times are strings of Unix nanoseconds.
import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { detectResources, envDetector } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";

const { OTLPTraceExporter } = await import(`@opentelemetry/exporter-trace-otlp-${process.argv[2]}`);
const memory = new InMemorySpanExporter();
const provider = new NodeTracerProvider({
  resource: detectResources({ detectors: [envDetector] }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter()), new SimpleSpanProcessor(memory)],
});
provider.register();
const tracer = trace.getTracer("agent.js", "1.2.3");

tracer.startActiveSpan("invoke_agent 北京", { kind: SpanKind.SERVER }, (root) => {
  root.setAttributes({ "gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": "c-1" });
  const chat = tracer.startSpan("chat gpt-4o", { kind: SpanKind.CLIENT });
  chat.setAttributes({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1200,
    "gen_ai.usage.output_tokens": 34,
    "gen_ai.response.finish_reasons": ["tool_calls"],
    "gen_ai.input.messages": JSON.stringify([
      { role: "user", parts: [{ type: "text", content: "weather? ☀" }] },
    ]),
  });
  chat.end();
  const tool = tracer.startSpan("execute_tool weather", {
    links: [{ context: chat.spanContext(), attributes: { why: "asked" } }],
  });
  tool.setAttributes({
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "weather",
    text: "tab\tquote\" 🧭",
    empty: "",
    yes: true,
    no: false,
    whole: 42,
    negative: -7,
    large: 2 ** 45,
    broken: 0.1,
    tiny: 1e-300,
    words: ["a", "", "字"],
    numbers: [1, 2, 3],
    halves: [0.5, 1.5],
    flags: [true, false],
  });
  tool.addEvent("asked", { city: "北京" });
  tool.recordException(new RangeError("no such station"));
  tool.setStatus({ code: SpanStatusCode.ERROR, message: "it failed" });
  tool.end();
  root.end();
});
context.disable();

const nanos = ([seconds, rest]) => (BigInt(seconds) * 1000000000n + BigInt(rest)).toString();
const plain = (span) => ({
  id: span.spanContext().spanId,
  trace: span.spanContext().traceId,
  parent: span.parentSpanContext?.spanId ?? null,
  name: span.name,
  kind: SpanKind[span.kind].toLowerCase(),
  start: nanos(span.startTime),
  end: nanos(span.endTime),
  status: SpanStatusCode[span.status.code].toLowerCase(),
  message: span.status.message ?? null,
  attributes: span.attributes,
  events: span.events.map((event) => [event.name, nanos(event.time), event.attributes ?? {}]),
  links: span.links.map((link) => [link.context.traceId, link.context.spanId, link.attributes]),
  scope: [span.instrumentationScope.name, span.instrumentationScope.version],
  service: span.resource.attributes["service.name"],
});
process.stdout.write(JSON.stringify(memory.getFinishedSpans().map(plain)));
await provider.shutdown();
