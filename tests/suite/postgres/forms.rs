//! Tables as libraries declare them on PostgreSQL, each with the same twelve events in three streams, one after another:
//! the data of event N has it as `n`.

/// A library's tables.
pub struct Form {
    /// The profile that knows them.
    pub profile: &'static str,
    /// The table of events.
    pub table: &'static str,
    /// What makes the tables and fills them.
    pub sql: &'static str,
    /// The first stream's id.
    pub stream: &'static str,
    /// The version of its last event.
    pub last: i64,
}

pub const FORMS: [Form; 12] = [
    Form {
        profile: "marten",
        table: "mt.mt_events",
        sql: "CREATE SCHEMA mt;
            CREATE TABLE mt.mt_streams (id uuid PRIMARY KEY, type varchar, version bigint, timestamp timestamptz NOT NULL DEFAULT now(),
              snapshot jsonb, snapshot_version integer, created timestamptz NOT NULL DEFAULT now(), tenant_id varchar DEFAULT '*DEFAULT*',
              is_archived bool DEFAULT false);
            CREATE TABLE mt.mt_events (seq_id bigint PRIMARY KEY, id uuid NOT NULL, stream_id uuid REFERENCES mt.mt_streams ON DELETE CASCADE,
              version bigint NOT NULL, data jsonb NOT NULL, type varchar(500) NOT NULL, timestamp timestamptz NOT NULL DEFAULT now(),
              tenant_id varchar DEFAULT '*DEFAULT*', mt_dotnet_type varchar, is_archived bool DEFAULT false);
            CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON mt.mt_events (stream_id, version);
            CREATE SEQUENCE mt.mt_events_sequence OWNED BY mt.mt_events.seq_id;
            CREATE TABLE mt.mt_event_progression (name varchar PRIMARY KEY, last_seq_id bigint);
            INSERT INTO mt.mt_streams SELECT ('00000000-0000-4000-8000-00000000000' || s)::uuid, 'order', 4 FROM generate_series(0, 2) s;
            INSERT INTO mt.mt_events SELECT n, gen_random_uuid(), ('00000000-0000-4000-8000-00000000000' || (n - 1) % 3)::uuid,
              (n + 2) / 3, jsonb_build_object('n', n), 'order_changed', timestamptz '2026-01-05 08:00Z' + n * interval '1 second'
              FROM generate_series(1, 12) n;",
        stream: "00000000-0000-4000-8000-000000000000",
        last: 4,
    },
    Form {
        profile: "message-db-mirror",
        table: "message_store.messages",
        sql: "CREATE SCHEMA message_store;
            CREATE TABLE message_store.messages (id uuid NOT NULL DEFAULT gen_random_uuid(), stream_name text NOT NULL, type text NOT NULL,
              position bigint NOT NULL, global_position bigserial NOT NULL PRIMARY KEY, data jsonb, metadata jsonb,
              time timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'));
            CREATE UNIQUE INDEX messages_stream ON message_store.messages (stream_name, position);
            INSERT INTO message_store.messages (stream_name, type, position, data, time) SELECT 'order-' || (n - 1) % 3, 'Changed',
              (n - 1) / 3, jsonb_build_object('n', n), timestamp '2026-01-05 08:00' + n * interval '1 second' FROM generate_series(1, 12) n;",
        stream: "order-0",
        last: 3,
    },
    Form {
        profile: "emmett",
        table: "public.emt_messages",
        sql: "CREATE TABLE emt_streams (stream_id text NOT NULL, stream_position bigint NOT NULL, partition text NOT NULL DEFAULT 'global',
              stream_type text NOT NULL, stream_metadata jsonb NOT NULL, is_archived boolean NOT NULL DEFAULT false,
              PRIMARY KEY (stream_id, partition, is_archived)) PARTITION BY LIST (partition);
            CREATE TABLE emt_streams_default PARTITION OF emt_streams DEFAULT;
            CREATE SEQUENCE emt_global_message_position;
            CREATE TABLE emt_messages (stream_position bigint NOT NULL, global_position bigint DEFAULT nextval('emt_global_message_position'),
              transaction_id xid8 NOT NULL, created timestamptz NOT NULL DEFAULT now(), is_archived boolean NOT NULL DEFAULT false,
              message_kind char(1) NOT NULL DEFAULT 'E', stream_id text NOT NULL, partition text NOT NULL DEFAULT 'global',
              message_schema_version text NOT NULL, message_id text NOT NULL, message_type text NOT NULL, message_data jsonb NOT NULL,
              message_metadata jsonb NOT NULL, PRIMARY KEY (stream_id, stream_position, partition, is_archived)) PARTITION BY LIST (partition);
            CREATE TABLE emt_messages_default PARTITION OF emt_messages DEFAULT;
            INSERT INTO emt_streams SELECT 'order-' || s, 4, 'global', 'order', '{}', false FROM generate_series(0, 2) s;
            INSERT INTO emt_messages (stream_position, transaction_id, created, stream_id, message_schema_version, message_id, message_type,
              message_data, message_metadata) SELECT (n + 2) / 3, pg_current_xact_id(), timestamptz '2026-01-05 08:00Z' + n * interval '1 second',
              'order-' || (n - 1) % 3, '1', 'm' || n, 'Changed', jsonb_build_object('n', n), '{}' FROM generate_series(1, 12) n;",
        stream: "order-0",
        last: 4,
    },
    Form {
        profile: "eventsourcing-server",
        table: "public.shop_events",
        sql: "CREATE TABLE shop_events (originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text, state bytea,
              notification_id bigserial, PRIMARY KEY (originator_id, originator_version));
            CREATE UNIQUE INDEX shop_events_notification_id_idx ON shop_events (notification_id ASC);
            INSERT INTO shop_events SELECT ('00000000-0000-4000-8000-00000000000' || (n - 1) % 3)::uuid, (n + 2) / 3, 'shop:Order.Changed',
              convert_to(json_build_object('timestamp', json_build_object('_type_', 'datetime_iso', '_data_',
              '2026-01-05T08:00:' || lpad(n::text, 2, '0') || '+00:00'), 'n', n)::text, 'UTF8') FROM generate_series(1, 12) n;",
        stream: "00000000-0000-4000-8000-000000000000",
        last: 4,
    },
    Form {
        profile: "elixir-eventstore",
        table: "public.stream_events",
        sql: "CREATE TABLE streams (stream_id bigserial PRIMARY KEY, stream_uuid text NOT NULL, stream_version bigint DEFAULT 0 NOT NULL,
              created_at timestamptz DEFAULT now() NOT NULL, deleted_at timestamptz);
            CREATE UNIQUE INDEX ix_streams_stream_uuid ON streams (stream_uuid);
            CREATE TABLE events (event_id uuid PRIMARY KEY, event_type text NOT NULL, causation_id uuid, correlation_id uuid,
              data bytea NOT NULL, metadata bytea, created_at timestamptz DEFAULT now() NOT NULL);
            CREATE TABLE stream_events (event_id uuid NOT NULL REFERENCES events, stream_id bigint NOT NULL REFERENCES streams,
              stream_version bigint NOT NULL, original_stream_id bigint REFERENCES streams, original_stream_version bigint,
              PRIMARY KEY (event_id, stream_id));
            CREATE UNIQUE INDEX ix_stream_events ON stream_events (stream_id, stream_version);
            INSERT INTO streams VALUES (0, '$all', 12);
            INSERT INTO streams (stream_uuid, stream_version) SELECT 'order-' || s, 4 FROM generate_series(0, 2) s;
            INSERT INTO events SELECT ('00000000-0000-4000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, 'Elixir.Shop.Changed', NULL, NULL,
              convert_to(json_build_object('n', n)::text, 'UTF8'), '{}', timestamptz '2026-01-05 08:00Z' + n * interval '1 second'
              FROM generate_series(1, 12) n;
            INSERT INTO stream_events SELECT ('00000000-0000-4000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, link.id, link.version,
              1 + (n - 1) % 3, (n + 2) / 3 FROM generate_series(1, 12) n,
              LATERAL (VALUES (0, n), (1 + (n - 1) % 3, (n + 2) / 3)) AS link (id, version);",
        stream: "order-0",
        last: 4,
    },
    Form {
        profile: "sqlite-es",
        table: "public.events",
        sql: "CREATE TABLE events (aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence bigint CHECK (sequence >= 0) NOT NULL,
              event_type text NOT NULL, event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL,
              PRIMARY KEY (aggregate_type, aggregate_id, sequence));
            INSERT INTO events SELECT 'order', 'order-' || (n - 1) % 3, (n + 2) / 3, 'Changed', '1.0',
              json_build_object('Changed', json_build_object('n', n)), '{}' FROM generate_series(1, 12) n;",
        stream: "order-0",
        last: 4,
    },
    Form {
        profile: "rails-event-store",
        table: "public.event_store_events",
        sql: "CREATE TABLE event_store_events (id bigserial PRIMARY KEY, event_id uuid NOT NULL, event_type varchar NOT NULL, metadata bytea,
              data bytea NOT NULL, created_at timestamp(6) NOT NULL, valid_at timestamp(6));
            CREATE UNIQUE INDEX ON event_store_events (event_id);
            CREATE TABLE event_store_events_in_streams (id bigserial PRIMARY KEY, stream varchar NOT NULL, position integer,
              event_id uuid NOT NULL, created_at timestamp(6) NOT NULL);
            CREATE UNIQUE INDEX ON event_store_events_in_streams (stream, position);
            INSERT INTO event_store_events (event_id, event_type, metadata, data, created_at)
              SELECT ('00000000-0000-4000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, 'Changed', '{}',
              convert_to(json_build_object('n', n)::text, 'UTF8'), timestamp '2026-01-05 08:00' + n * interval '1 second'
              FROM generate_series(1, 12) n;
            INSERT INTO event_store_events_in_streams (stream, position, event_id, created_at) SELECT 'Order$' || (n - 1) % 3, (n - 1) / 3,
              ('00000000-0000-4000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, now() FROM generate_series(1, 12) n;",
        stream: "Order$0",
        last: 3,
    },
    Form {
        profile: "axon",
        table: "public.domain_event_entry",
        sql: "CREATE TABLE domain_event_entry (global_index bigint PRIMARY KEY, event_identifier varchar(255) NOT NULL UNIQUE, meta_data oid,
              payload oid NOT NULL, payload_revision varchar(255), payload_type varchar(255) NOT NULL, time_stamp varchar(255) NOT NULL,
              aggregate_identifier varchar(255) NOT NULL, sequence_number bigint NOT NULL, type varchar(255),
              UNIQUE (aggregate_identifier, sequence_number));
            CREATE SEQUENCE domain_event_entry_seq INCREMENT 50;
            INSERT INTO domain_event_entry SELECT n, 'e' || n, lo_from_bytea(0, '{}'),
              lo_from_bytea(0, convert_to(json_build_object('n', n)::text, 'UTF8')), NULL, 'shop.Changed',
              '2026-01-05T08:00:' || lpad(n::text, 2, '0') || 'Z', 'order-' || (n - 1) % 3, (n - 1) / 3, 'Order' FROM generate_series(1, 12) n;",
        stream: "order-0",
        last: 3,
    },
    Form {
        profile: "patchlevel",
        table: "public.eventstore",
        sql: "CREATE TABLE eventstore (id bigserial PRIMARY KEY, aggregate varchar(255) NOT NULL, aggregate_id uuid NOT NULL,
              playhead int NOT NULL, event varchar(255) NOT NULL, payload json NOT NULL, recorded_on timestamptz NOT NULL,
              new_stream_start boolean DEFAULT false NOT NULL, archived boolean DEFAULT false NOT NULL, custom_headers json NOT NULL);
            CREATE UNIQUE INDEX ON eventstore (aggregate, aggregate_id, playhead);
            INSERT INTO eventstore (aggregate, aggregate_id, playhead, event, payload, recorded_on, custom_headers)
              SELECT 'order', ('00000000-0000-4000-8000-00000000000' || (n - 1) % 3)::uuid, (n + 2) / 3, 'order.changed',
              json_build_object('n', n), timestamptz '2026-01-05 08:00Z' + n * interval '1 second', '[]' FROM generate_series(1, 12) n;",
        stream: "00000000-0000-4000-8000-000000000000",
        last: 4,
    },
    Form {
        profile: "prooph",
        table: "public._6db7a4e0b4d9cf0f0c0f0a2d9f1f3cbb9f8b2e11",
        sql: r#"CREATE TABLE event_streams (no bigserial PRIMARY KEY, real_stream_name varchar(150) NOT NULL UNIQUE,
              stream_name char(41) NOT NULL, metadata jsonb, category varchar(150));
            CREATE TABLE "_6db7a4e0b4d9cf0f0c0f0a2d9f1f3cbb9f8b2e11" (no bigserial PRIMARY KEY, event_id uuid NOT NULL UNIQUE,
              event_name varchar(100) NOT NULL, payload json NOT NULL, metadata jsonb NOT NULL, created_at timestamp(6) NOT NULL);
            INSERT INTO event_streams (real_stream_name, stream_name, metadata) VALUES ('order_stream', '_6db7a4e0b4d9cf0f0c0f0a2d9f1f3cbb9f8b2e11', '[]');
            INSERT INTO "_6db7a4e0b4d9cf0f0c0f0a2d9f1f3cbb9f8b2e11" (event_id, event_name, payload, metadata, created_at)
              SELECT gen_random_uuid(), 'Changed', json_build_object('n', n), jsonb_build_object('_aggregate_id', 'order-' || (n - 1) % 3,
              '_aggregate_type', 'Order', '_aggregate_version', (n + 2) / 3), timestamp '2026-01-05 08:00' + n * interval '1 second'
              FROM generate_series(1, 12) n;"#,
        stream: "order-0",
        last: 4,
    },
    Form {
        profile: "akka-jdbc",
        table: "public.event_journal",
        sql: "CREATE TABLE event_journal (ordering bigserial, persistence_id varchar(255) NOT NULL, sequence_number bigint NOT NULL,
              deleted boolean DEFAULT false NOT NULL, writer varchar(255) NOT NULL, write_timestamp bigint, adapter_manifest varchar(255),
              event_ser_id integer NOT NULL, event_ser_manifest varchar(255) NOT NULL, event_payload bytea NOT NULL, meta_ser_id integer,
              meta_ser_manifest varchar(255), meta_payload bytea, PRIMARY KEY (persistence_id, sequence_number));
            CREATE UNIQUE INDEX event_journal_ordering_idx ON event_journal (ordering);
            INSERT INTO event_journal (persistence_id, sequence_number, writer, write_timestamp, event_ser_id, event_ser_manifest, event_payload)
              SELECT 'Order|' || (n - 1) % 3, (n + 2) / 3, 'w', 1767600000000 + n * 1000, 33, 'Changed',
              convert_to(json_build_object('n', n)::text, 'UTF8') FROM generate_series(1, 12) n;",
        stream: "Order|0",
        last: 4,
    },
    Form {
        profile: "disintegrate",
        table: "public.event",
        sql: "CREATE TABLE event (event_id bigint PRIMARY KEY, event_type varchar(255), payload bytea, inserted_at timestamptz DEFAULT now(),
              order_id text);
            CREATE TABLE event_listener (id text PRIMARY KEY, last_processed_event_id bigint, updated_at timestamptz);
            INSERT INTO event SELECT n, 'Changed', convert_to(json_build_object('n', n, 'order_id', 'order-' || (n - 1) % 3)::text, 'UTF8'),
              timestamptz '2026-01-05 08:00Z' + n * interval '1 second', 'order-' || (n - 1) % 3 FROM generate_series(1, 12) n;",
        stream: "event",
        last: 12,
    },
];
