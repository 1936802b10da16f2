-- Takes the whole log away. The store only runs this on a log that is empty.
DROP TABLE eventscope.streams;
DROP TABLE eventscope.events;
DROP TABLE eventscope.log;
