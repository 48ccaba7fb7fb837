"""What TestODBC runs: psqlODBC through pyodbc. Its Protocol=7.4-n says what it does about errors in transactions: 0 nothing, 1 rolls the transaction
back, 2, which is its default, puts a SAVEPOINT before each statement. With UseServerSidePrepare=1, the default, it puts one before DEALLOCATE, too."""
import sys

import pyodbc


def connect(port, protocol, autocommit=False, prepares=0):
    return pyodbc.connect(
        f"Driver={driver};Server=127.0.0.1;Port={port};Database=dev;UID=awsuser;PWD=Secret123;SSLmode=require;Protocol={protocol};UseServerSidePrepare={prepares}",
        autocommit=autocommit)


def fails(what, f):
    try:
        f()
        print(f"{what}: no error")
    except pyodbc.Error as e:
        print(f"{what}: {e.args[0]} {e.args[1].split('] ', 1)[1].split(';')[0]}")


driver, port = sys.argv[1:]
c = connect(port, "7.4-1")
k = c.cursor()
k.execute("CREATE TABLE films (id int NOT NULL, title varchar(40), price numeric(8,2), at timestamp, PRIMARY KEY (id))")
k.executemany("INSERT INTO films VALUES (?, ?, ?, ?)", [(1, "it's", "12.50", "2024-02-29 12:00:00"), (2, None, None, None)])
c.commit()
print("rows:", [tuple(map(str, r)) for r in k.execute("SELECT id, title, price, at FROM films ORDER BY id").fetchall()])
print("one:", k.execute("SELECT title FROM films WHERE id = ?", 1).fetchone()[0])
print("tables:", [r.table_name for r in k.tables(tableType="TABLE")])
print("columns:", [(r.column_name, r.type_name, r.column_size) for r in k.columns(table="films")])
fails("in a transaction", lambda: k.execute("SELECT 1/0"))
print("after an error:", k.execute("SELECT 2").fetchone()[0])
c.rollback()
k = connect(port, "7.4-0").cursor()
fails("protocol 0", lambda: k.execute("SELECT 1/0"))
fails("after an error", lambda: k.execute("SELECT 2"))
k = connect(port, "7.4-2", autocommit=True, prepares=1).cursor()
for i in (1, 2):  # a statement's name is made of its address, which the next one has again
    k.execute("UPDATE films SET price = ? WHERE id = ?", i, i)
    k.execute("SELECT price FROM films WHERE id = ?", i)
    print("prepared:", k.fetchone()[0])
print("autocommit:", k.execute("VACUUM films").rowcount, k.execute("SELECT count(*) FROM films").fetchone()[0])
k = connect(port, "7.4-2").cursor()
k.execute("SELECT 1").fetchall()
fails("savepoint", lambda: k.execute("SELECT 2"))
