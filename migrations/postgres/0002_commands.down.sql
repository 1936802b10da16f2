DROP TABLE eventscope.commands;
