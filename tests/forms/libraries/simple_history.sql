-- django-simple-history: the model's own columns, and five of its own.
CREATE TABLE shop_article (id INTEGER PRIMARY KEY, title VARCHAR(100) NOT NULL, price DECIMAL);
CREATE TABLE shop_historicalarticle (id INTEGER NOT NULL, title VARCHAR(100) NOT NULL, price DECIMAL, history_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, history_date DATETIME NOT NULL, history_change_reason VARCHAR(100), history_type VARCHAR(1) NOT NULL, history_user_id INTEGER);
INSERT INTO shop_article VALUES (7, 'Second', 9.5);
INSERT INTO shop_historicalarticle VALUES
  (7, 'First', 8.5, 1, '2026-01-05 08:00:00.100000', NULL, '+', 1),
  (7, 'Second', 9.5, 2, '2026-01-05 08:00:01.100000', 'renamed', '~', 2),
  (8, 'Other', NULL, 3, '2026-01-05 08:00:02.100000', NULL, '+', 1),
  (8, 'Other', NULL, 4, '2026-01-05 08:00:03.100000', NULL, '-', 1);
