DROP TRIGGER events_are_never_replaced;
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
    'CHECK (data >= '''')', 'CHECK (typeof(data) = ''text'' OR typeof(data) = ''blob'')'),
    'CHECK (metadata >= '''')', 'CHECK (metadata IS NULL OR typeof(metadata) = ''text'' OR typeof(metadata) = ''blob'')')
WHERE type = 'table' AND name = 'events';
PRAGMA writable_schema = RESET;
DROP TABLE rules_generation;
DROP TABLE settings;
DROP TABLE event_schemas;
