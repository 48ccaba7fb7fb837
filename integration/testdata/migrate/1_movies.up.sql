-- One text, several statements: Redshift runs it as one transaction.
CREATE TABLE movies (
    id    BIGINT IDENTITY(1, 1) NOT NULL,
    title VARCHAR(80) NOT NULL,
    year  SMALLINT ENCODE az64,
    PRIMARY KEY (id)
)
DISTSTYLE KEY DISTKEY (id) SORTKEY (year);

INSERT INTO movies (title, year) VALUES ('Alien', 1979), ('Brazil', 1985);
