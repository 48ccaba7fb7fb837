import java.math.BigDecimal;
import java.sql.*;
import java.util.*;

/** What a program does with pgjdbc; the argument is the port. Each line printed is a fact. */
public class Client {
  interface Act {
    Object run() throws SQLException;
  }

  static void say(String what, Act act) {
    try {
      System.out.println(what + ": " + act.run());
    } catch (SQLException e) {
      System.out.println(what + ": " + e.getSQLState() + " " + e.getMessage().split("\n")[0]);
    }
  }

  static String rows(ResultSet r) throws SQLException {
    List<String> out = new ArrayList<>();
    int n = r.getMetaData().getColumnCount();
    while (r.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= n; i++) {
        row.add(r.getString(i));
      }
      out.add(String.join(" ", row));
    }
    return String.join(", ", out);
  }

  public static void main(String[] args) throws Exception {
    Connection c = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + args[0] + "/dev?sslmode=require", "awsuser", "Secret123");
    Statement s = c.createStatement();
    s.executeUpdate("CREATE TABLE films (id int, title varchar(40), price numeric(8,2), seen boolean, day date, at timestamp, n bigint, f float8)");
    say("inserted", () -> {
      PreparedStatement p = c.prepareStatement("INSERT INTO films VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
      p.setInt(1, 1);
      p.setString(2, "it's \\ 100%");
      p.setBigDecimal(3, new BigDecimal("12.50"));
      p.setBoolean(4, true);
      p.setDate(5, java.sql.Date.valueOf("1979-05-25"));
      p.setTimestamp(6, Timestamp.valueOf("2024-02-29 12:00:00.25"));
      p.setLong(7, 1L << 40);
      p.setDouble(8, 0.5);
      return p.executeUpdate();
    });
    PreparedStatement q = c.prepareStatement("SELECT id, title, price, seen, day, at, n, f FROM films WHERE id = ?");
    Set<String> seen = new TreeSet<>();
    for (int i = 0; i < 8; i++) { // from the fifth time on the statement has a name, and values come as bytes
      q.setInt(1, 1);
      seen.add(rows(q.executeQuery()));
    }
    System.out.println("row: " + seen);
    say("batch", () -> {
      PreparedStatement p = c.prepareStatement("INSERT INTO films (id, title) VALUES (?, ?)");
      for (int i = 2; i < 5; i++) {
        p.setInt(1, i);
        p.setNull(2, Types.VARCHAR);
        p.addBatch();
      }
      return Arrays.toString(p.executeBatch());
    });
    say("column", () -> s.executeQuery("SELECT titel FROM films"));
    say("keys", () -> c.prepareStatement("INSERT INTO films (id) VALUES (9)", Statement.RETURN_GENERATED_KEYS).executeUpdate());
    c.setAutoCommit(false);
    say("in a transaction", () -> s.executeQuery("SELECT 1/0"));
    say("after an error", () -> s.executeQuery("SELECT 1"));
    c.rollback();
    say("savepoint", () -> c.setSavepoint());
    c.rollback();
    say("portions", () -> {
      Statement f = c.createStatement();
      f.setFetchSize(2);
      return rows(f.executeQuery("SELECT id FROM films ORDER BY id"));
    });
    c.commit();
    c.setAutoCommit(true);
    say("level", () -> {
      c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      return "set";
    });
    say("read only", () -> {
      c.setReadOnly(true);
      c.setAutoCommit(false); // the driver says READ ONLY with BEGIN
      return s.executeUpdate("DELETE FROM films");
    });
    c.rollback();
    c.setAutoCommit(true);
    c.setReadOnly(false);
    say("timeout", () -> {
      Statement t = c.createStatement();
      t.setQueryTimeout(1);
      return rows(t.executeQuery("WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 100000000) SELECT count(*) FROM r"));
    });
    s.executeUpdate("CREATE VIEW titles AS SELECT title FROM films; CREATE TABLE keyed (k int NOT NULL IDENTITY, v int NOT NULL)");
    say("origins", () -> {
      List<String> out = new ArrayList<>();
      ResultSetMetaData d = s.executeQuery("SELECT f.id AS x, price + 1, v.title, k.v, k.k FROM films f, titles v, keyed k").getMetaData();
      for (int i = 1; i <= d.getColumnCount(); i++) {
        org.postgresql.PGResultSetMetaData p = (org.postgresql.PGResultSetMetaData) d;
        out.add(p.getBaseSchemaName(i) + "." + p.getBaseTableName(i) + "." + p.getBaseColumnName(i) + " " + d.isNullable(i));
      }
      return out;
    });
    DatabaseMetaData m = c.getMetaData();
    say("tables", () -> {
      List<String> out = new ArrayList<>();
      for (ResultSet r = m.getTables(null, "public", "%", new String[] {"TABLE"}); r.next(); ) {
        out.add(r.getString("TABLE_NAME"));
      }
      return out;
    });
    say("columns", () -> {
      List<String> out = new ArrayList<>();
      for (ResultSet r = m.getColumns(null, "public", "films", "%"); r.next(); ) {
        out.add(r.getString("COLUMN_NAME") + " " + r.getString("TYPE_NAME") + " " + r.getInt("COLUMN_SIZE"));
      }
      return out;
    });
    say("primary keys", () -> rows(m.getPrimaryKeys(null, "public", "films")));
    say("imported keys", () -> rows(m.getImportedKeys(null, "public", "films")));
    say("privileges", () -> rows(m.getTablePrivileges(null, "public", "films")));
  }
}
