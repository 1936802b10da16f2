-- A shop without events: orders, their numbered lines with options, products with attributes.
-- plain
CREATE TABLE products (id INTEGER PRIMARY KEY, sku TEXT UNIQUE, name TEXT, type TEXT, attributes TEXT, price REAL, created_at TEXT, updated_at TEXT);
CREATE TABLE orders (id TEXT PRIMARY KEY, customer_id INTEGER, status TEXT, total REAL, address TEXT, created_at TEXT, updated_at TEXT);
CREATE TABLE order_lines (order_id TEXT REFERENCES orders (id), line_number INTEGER, sku TEXT, qty INTEGER, price REAL, options TEXT, PRIMARY KEY (order_id, line_number));
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE sessions (id TEXT PRIMARY KEY, user_id INTEGER, ip_address TEXT, payload TEXT NOT NULL, last_activity INTEGER NOT NULL);
INSERT INTO products SELECT n, 'sku-' || n, 'Product ' || n, CASE n % 3 WHEN 0 THEN 'simple' WHEN 1 THEN 'variable' ELSE 'bundle' END, json_object('weight', n, 'colour', 'red'), n * 1.5, iso, iso FROM story;
INSERT INTO orders SELECT sid, sno, 'paid', 10.5, json_object('street', 'Main ' || sno, 'city', 'Bonn'), min(iso), max(iso) FROM story GROUP BY sid;
INSERT INTO order_lines SELECT sid, v, 'sku-' || n, 1, 2.5, json_object('gift', n % 2, 'text', 'For ' || actor) FROM story ORDER BY n;
INSERT INTO settings VALUES ('theme', '{"dark":true}'), ('mail', '{"from":"a@example.org"}');
INSERT INTO sessions SELECT eid, n % 5, '10.0.0.1', hex(eid), at / 1000000 FROM story;
