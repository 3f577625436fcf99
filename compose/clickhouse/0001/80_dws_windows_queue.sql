-- Flink's windowed statistics: one JSON object a window and group.
CREATE TABLE IF NOT EXISTS dws_windows_queue (
    line String
) ENGINE = Kafka
SETTINGS
    kafka_broker_list = '{brokers}',
    kafka_topic_list = '{stats_topics}',
    kafka_group_name = '{group}_windows',
    kafka_format = 'RawBLOB',
    kafka_handle_error_mode = 'stream',
    kafka_num_consumers = 1,
    kafka_flush_interval_ms = 1000,
    kafka_poll_timeout_ms = 100,
    kafka_max_block_size = 65536;
