-- Where metrics come in. One message is one line; nothing is read out of it yet, so that no
-- message can stop the consumer.
CREATE TABLE IF NOT EXISTS ods_metrics_queue (
    line String
) ENGINE = Kafka
SETTINGS
    kafka_broker_list = '{brokers}',
    kafka_topic_list = '{metric_topics}',
    kafka_group_name = '{group}_metrics',
    kafka_format = 'RawBLOB',
    kafka_handle_error_mode = 'stream',
    kafka_num_consumers = 1,
    -- From a message to a row in a good second, where the default lets it wait 7.5 s. Not less: a block costs
    -- 100 ms of planning the views behind, however small it is.
    kafka_flush_interval_ms = 1000,
    kafka_poll_timeout_ms = 100,
    kafka_max_block_size = 65536;
