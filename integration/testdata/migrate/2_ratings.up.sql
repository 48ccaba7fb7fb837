ALTER TABLE movies ADD COLUMN rating NUMERIC(3, 1) DEFAULT 5.0;
CREATE VIEW good_movies AS SELECT title FROM movies WHERE rating >= 5;
