DROP TABLE eventscope.snapshots;
