-- Statements that PostgreSQL and Redshift answer alike.
CREATE TABLE films (id int NOT NULL, title varchar(40), genre varchar(10), year int, price numeric(8,2), length float8, released date, seen timestamp);
INSERT INTO films VALUES
  (1, 'Alien', 'horror', 1979, 9.50, 1.95, '1979-05-25', '2001-01-01 20:15:00'),
  (2, 'Brazil', 'satire', 1985, 7.00, 2.2, '1985-02-20', NULL),
  (3, 'Fargo', 'crime', 1996, NULL, 1.6333333333333333, '1996-03-08', '2002-02-03 04:05:06.789'),
  (4, 'Heat', 'crime', 1995, 12.25, 2.8333333333333335, '1995-12-15', '2003-03-04 05:06:07');
CREATE TABLE genres (genre varchar(10), rank smallint);
INSERT INTO genres VALUES ('horror', 2), ('crime', 1), ('western', 3);

SELECT title, year FROM films WHERE year > 1980;
SELECT title FROM films ORDER BY year DESC;
SELECT id, title, price, length, released, seen FROM films WHERE id IN (1, 3);
SELECT genre, count(*), sum(price), min(released), max(seen) FROM films GROUP BY genre;
SELECT genre, count(*) FROM films GROUP BY genre HAVING count(*) > 1;
SELECT sum(length), avg(length) FROM films;
SELECT f.title, g.rank FROM films f JOIN genres g ON f.genre = g.genre;
SELECT f.title, g.rank FROM films f LEFT JOIN genres g ON f.genre = g.genre ORDER BY f.title;
SELECT f.title, g.genre FROM films f FULL JOIN genres g ON f.genre = g.genre;
SELECT title FROM films WHERE genre IN (SELECT genre FROM genres WHERE rank = 1);
SELECT title FROM films f WHERE EXISTS (SELECT 1 FROM genres g WHERE g.genre = f.genre AND g.rank < 2);
SELECT title, row_number() OVER (PARTITION BY genre ORDER BY year) AS n FROM films;
SELECT title, sum(year) OVER (ORDER BY year ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS two FROM films;
WITH c AS (SELECT genre, max(year) AS y FROM films GROUP BY genre) SELECT f.title FROM films f JOIN c ON f.genre = c.genre AND f.year = c.y;
SELECT genre FROM films UNION SELECT genre FROM genres;
SELECT genre FROM films INTERSECT SELECT genre FROM genres;
SELECT genre FROM films EXCEPT SELECT genre FROM genres;
SELECT title FROM films WHERE title LIKE '%a%' AND title NOT ILIKE 'b%';
SELECT CASE WHEN year < 1990 THEN 'old'::varchar ELSE 'new'::varchar END AS age, count(*) FROM films GROUP BY 1;
SELECT coalesce(price, 0.00) AS p, nullif(year, 1979) AS y FROM films ORDER BY id;
SELECT upper(title)::varchar AS u, length(title) AS n, replace(title, 'a', 'o')::varchar AS r FROM films ORDER BY id;
SELECT 7 / 2 AS int, 7 % 2 AS rest, 7.0 / 2 > 3 AS more, 2::float8 ^ 10 AS power;
SELECT '2008-02-29'::date + 1 AS next, '2008-02-29'::date - '2008-01-01'::date AS days;
SELECT date_trunc('month', '2008-02-29 01:02:03'::timestamp) AS month;
SELECT '2008-02-29 01:02:03+02'::timestamptz AS utc;
SELECT NULL::integer AS nothing, ''::varchar AS empty, true AS yes;
SELECT title FROM films ORDER BY year LIMIT 2 OFFSET 1;
SELECT DISTINCT genre FROM films;
UPDATE films SET price = price + 1 WHERE genre = 'crime';
UPDATE films SET price = g.rank FROM genres g WHERE films.genre = g.genre AND films.price IS NULL;
DELETE FROM films WHERE year < 1980;
SELECT id, price FROM films;
BEGIN;
INSERT INTO genres VALUES ('noir', 4);
ROLLBACK;
SELECT count(*) FROM genres;
CREATE VIEW crime AS SELECT title FROM films WHERE genre = 'crime';
SELECT * FROM crime;
