-- A warehouse to look at: films from a file, and tickets that are sold, generated, in the manner of TICKIT.
CREATE TABLE movies (title varchar(80), genre varchar(20), year int, minutes int, director varchar(60)) DISTSTYLE EVEN SORTKEY(year);
COPY movies FROM 's3://films/movies.csv' IAM_ROLE DEFAULT CSV IGNOREHEADER 1;
CREATE TABLE digits (d int) DISTSTYLE ALL;
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
CREATE TABLE numbers (n int) DISTSTYLE EVEN;
INSERT INTO numbers SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d FROM digits a, digits b, digits c, digits e, digits f;
CREATE TABLE users (userid int, city varchar(30), state char(2)) DISTKEY(userid) SORTKEY(userid);
INSERT INTO users SELECT n, 'city ' || n % 200, chr(65 + n % 26) || chr(65 + (n / 26) % 26) FROM numbers WHERE n < 20000;
CREATE TABLE event (eventid int, venue varchar(30), catname varchar(10), starttime timestamp) DISTSTYLE ALL SORTKEY(starttime);
INSERT INTO event SELECT n, 'venue ' || n % 60, CASE n % 4 WHEN 0 THEN 'Musicals' WHEN 1 THEN 'Plays' WHEN 2 THEN 'Opera' ELSE 'Pop' END,
  timestamp '2008-01-01' + (n % 366) * interval '1 day' FROM numbers WHERE n < 4000;
CREATE TABLE sales (salesid int, buyerid int, eventid int, qtysold int, pricepaid decimal(8,2), saletime timestamp) DISTKEY(buyerid) SORTKEY(saletime);
INSERT INTO sales SELECT n, (n * 7919) % 20000, (n * 31) % 4000, n % 4 + 1, (n % 300 + 20) * 1.25, timestamp '2008-01-01' + (n % 366) * interval '1 day' FROM numbers;
CREATE TABLE listing (listid int, sellerid int, eventid int, numtickets int, listtime timestamp) DISTSTYLE EVEN;
INSERT INTO listing SELECT n, (n * 9973) % 20000, (n * 17) % 4000, n % 20 + 1, timestamp '2008-01-01' + ((n * 7919) % 366) * interval '1 day' FROM numbers;
CREATE TABLE clicks (userid int, campaign varchar(12), at timestamp) DISTKEY(campaign);
INSERT INTO clicks SELECT n % 20000, CASE WHEN n % 10 < 7 THEN 'newsletter' ELSE 'banner ' || n % 5 END, timestamp '2008-06-01' + (n % 30) * interval '1 day' FROM numbers WHERE n < 60000;
DROP TABLE numbers;
VACUUM movies;
VACUUM users;
VACUUM event;
VACUUM sales;
ANALYZE;
