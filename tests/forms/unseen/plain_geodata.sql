-- Places and their shapes.
-- plain
CREATE TABLE places (id INTEGER PRIMARY KEY, osm_id BIGINT UNIQUE, type TEXT, name TEXT, lat REAL, lon REAL, tags TEXT);
CREATE TABLE shapes (place_id INTEGER, part INTEGER, geometry BLOB, PRIMARY KEY (place_id, part));
INSERT INTO places SELECT n, 1000 + n, CASE n % 3 WHEN 0 THEN 'node' WHEN 1 THEN 'way' ELSE 'relation' END, 'Place ' || n, 50.1, 7.2, json_object('name', 'Place ' || n, 'amenity', 'cafe') FROM story;
INSERT INTO shapes SELECT sno, v, zeroblob(40) FROM story;
