DROP TABLE chain;
