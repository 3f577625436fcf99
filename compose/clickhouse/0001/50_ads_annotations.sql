CREATE OR REPLACE VIEW ads_annotations AS
SELECT id, trace_id, span_id, kind, text, author, time FROM annotations FINAL;
