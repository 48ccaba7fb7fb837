CREATE TABLE users (
    id      bigint NOT NULL PRIMARY KEY,
    name    text,
    country char(2)
) DISTKEY (id) SORTKEY (id);

CREATE TABLE orders (
    id      serial,
    user_id bigint
);

CREATE TABLE visits (
    user_id bigint,
    at      timestamp
) DISTSTYLE EVEN SORTKEY (at);
