DROP TABLE eventscope.checkpoints;
