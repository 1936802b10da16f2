-- What devices report: seconds, a kind, a body.
-- table = device_log
-- stream = device
-- version = none
-- type = kind
-- time = ts
-- data = body
CREATE TABLE device_log (id INTEGER PRIMARY KEY, device TEXT NOT NULL, ts INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX device_log_device ON device_log (device, ts);
INSERT INTO device_log SELECT n, 'dev-' || printf('%04x', sno * 77), at / 1000000, CASE v % 3 WHEN 0 THEN 'reading' WHEN 1 THEN 'online' ELSE 'alarm' END, data FROM story ORDER BY n;
