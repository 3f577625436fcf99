-- What Flink refused: one JSON object a line that is no record.
CREATE TABLE IF NOT EXISTS dwd_dead_letters_queue (
    line String
) ENGINE = Kafka
SETTINGS
    kafka_broker_list = '{brokers}',
    kafka_topic_list = '{dead_letter_topics}',
    kafka_group_name = '{group}_dead_letters',
    kafka_format = 'RawBLOB',
    kafka_handle_error_mode = 'stream',
    kafka_num_consumers = 1,
    kafka_flush_interval_ms = 1000,
    kafka_poll_timeout_ms = 100,
    kafka_max_block_size = 65536;
