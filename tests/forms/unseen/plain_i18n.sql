-- Translations, with a version for each text.
-- plain
CREATE TABLE translations (id INTEGER PRIMARY KEY, locale TEXT NOT NULL, namespace TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, plural TEXT, updated_at TEXT, UNIQUE (locale, namespace, key));
INSERT INTO translations SELECT n, CASE n % 3 WHEN 0 THEN 'de' WHEN 1 THEN 'fr' ELSE 'en' END, kind, 'label.' || n, 'Text ' || n, json_object('one', 'Text', 'other', 'Texts ' || n), iso FROM story ORDER BY n;
