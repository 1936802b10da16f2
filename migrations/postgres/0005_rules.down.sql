DROP TABLE eventscope.settings;
DROP TABLE eventscope.event_schemas;
