-- Accounts and what was booked on them.
-- plain
CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT, currency TEXT, balance REAL, created_at TEXT);
CREATE TABLE bookings (id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (id), amount REAL NOT NULL, currency TEXT, category TEXT, booked_on TEXT, note TEXT);
INSERT INTO accounts SELECT sno + 1, 'Account ' || sno, 'EUR', 0, min(iso) FROM story GROUP BY sid;
INSERT INTO bookings SELECT n, sno + 1, n * 1.5, 'EUR', CASE n % 3 WHEN 0 THEN 'food' WHEN 1 THEN 'rent' ELSE 'fun' END, substr(iso, 1, 10), 'for ' || actor FROM story ORDER BY n;
