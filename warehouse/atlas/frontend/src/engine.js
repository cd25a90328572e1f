// DuckDB in a worker of this browser, with the release's database attached over HTTP and read in pieces.
import * as duckdb from "@duckdb/duckdb-wasm";

/** Rows of a result that are taken over; the rest stays in the database. */
export const MOST_ROWS = 100_000;

/** One result: columns with Arrow types, rows as arrays of values. */
export class Result {
  constructor(fields, rows, isCut, seconds) {
    this.columns = fields.map((field, index) => ({ index, name: field.name, type: field.type }));
    this.rows = rows;
    this.isCut = isCut;
    this.seconds = seconds;
  }
}

export class Engine {
  #connection;

  constructor(connection, version) {
    this.#connection = connection;
    this.version = version;
  }

  /**
   * Starts DuckDB and opens a database.
   * @param {{worker: string, engine: string, database: string}} files addresses on this server.
   */
  static async start({ worker, engine, database }) {
    const db = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new Worker(worker));
    await db.instantiate(new URL(engine, document.baseURI).href);
    await db.open({
      path: ":memory:",
      query: { castDecimalToDouble: true },
      // pieces only where the server gives them; another server must send the whole file
      filesystem: { reliableHeadRequests: true, allowFullHTTPReads: true, forceFullHTTPReads: false },
    });
    const address = new URL(database, document.baseURI).href;
    await db.registerFileURL("release.duckdb", address, duckdb.DuckDBDataProtocol.HTTP, false);
    const connection = await db.connect();
    const today = new Date().toISOString().slice(0, 10);
    for (const statement of [
      "set autoinstall_known_extensions = false",
      "set autoload_known_extensions = false",
      // DuckDB keeps it in an extension that is a download
      `create macro memory.main.current_date() as date '${today}'`,
      "attach 'release.duckdb' as release (read_only)",
      "set search_path = 'release.marts,release.ops,memory.main'",
      // from here on a query reads the release and nothing else, however it is written
      "set enable_external_access = false",
      "set lock_configuration = true",
    ])
      await connection.query(statement);
    return new Engine(connection, await db.getVersion());
  }

  /** Chooses the country that the ready queries are about; an empty text for each query's own. */
  async choose(country) {
    const value = country.replaceAll("'", "''");
    await this.#connection.query(country ? `set variable country = '${value}'` : "reset variable country");
  }

  /** Runs statements one after the other and returns what the last one gives. */
  async run(sql) {
    const began = performance.now();
    const reader = await this.#connection.send(sql, true);
    const rows = [];
    let fields = [];
    let isCut = false;
    for await (const batch of reader) {
      fields = batch.schema.fields;
      const vectors = fields.map((_, index) => batch.getChildAt(index));
      const taken = Math.min(batch.numRows, MOST_ROWS - rows.length);
      for (let row = 0; row < taken; row += 1) rows.push(vectors.map((vector) => vector.get(row)));
      isCut = taken < batch.numRows;
      if (isCut) break;
    }
    fields = fields.length ? fields : (reader.schema?.fields ?? []);
    return new Result(fields, rows, isCut, (performance.now() - began) / 1000);
  }

  /** Stops the query that runs. */
  stop() {
    return this.#connection.cancelSent();
  }
}
