CREATE OR REPLACE VIEW dwd_dead_letters AS
SELECT kind, time, segment, position, reason, line FROM dwd_dead_letters_data FINAL;
