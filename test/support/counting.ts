/*
 * A stand-in around the bindings that passes everything on, and counts: what the Free plan limits and D1 bills.
 */

export interface Counts {
  /** Calls to D1 over the network: a batch is one. */
  d1RoundTrips: number
  /** Statements, counted one by one inside a batch too. */
  queries: number
  rowsRead: number
  rowsWritten: number
  queueCalls: number
  queueMessages: number
  fetches: number
}

export function noCounts(): Counts {
  return {
    d1RoundTrips: 0,
    queries: 0,
    rowsRead: 0,
    rowsWritten: 0,
    queueCalls: 0,
    queueMessages: 0,
    fetches: 0,
  }
}

export function subrequests(counts: Counts): number {
  return counts.d1RoundTrips + counts.queueCalls + counts.fetches
}

export interface Executed {
  sql: string
  params: unknown[]
}

export interface Recorder {
  counts: Counts
  executed: Executed[]
  /** Thrown by the next D1 call that is made, then forgotten. */
  failNextD1?: Error | undefined
}

interface Wrapped extends D1PreparedStatement {
  real: D1PreparedStatement
}

/** A D1 binding that counts into `recorder`. */
export function countingD1(real: D1Database, recorder: Recorder): D1Database {
  const note = (results: D1Result[], statements: Executed[]) => {
    recorder.counts.d1RoundTrips += 1
    recorder.counts.queries += statements.length
    recorder.executed.push(...statements)
    for (const { meta } of results) {
      recorder.counts.rowsRead += meta.rows_read ?? 0
      recorder.counts.rowsWritten += meta.rows_written ?? 0
    }
  }
  const mayFail = () => {
    const fault = recorder.failNextD1
    recorder.failNextD1 = undefined
    if (fault) throw fault
  }
  const wrap = (statement: D1PreparedStatement, sql: string, params: unknown[]): Wrapped => {
    const all = async <T>() => {
      mayFail()
      const result = await statement.all<T>()
      note([result], [{ sql, params }])
      return result
    }
    return {
      real: statement,
      bind: (...values: unknown[]) => wrap(statement.bind(...values), sql, values),
      all,
      run: all,
      first: async (column?: string) => {
        const row = (await all<Record<string, unknown>>()).results[0] ?? null
        return column && row ? row[column] : row
      },
      raw: async () => {
        const { results } = await all<Record<string, unknown>>()
        return results.map((row) => Object.values(row))
      },
      sql,
      params,
    } as unknown as Wrapped
  }
  return {
    prepare: (sql: string) => wrap(real.prepare(sql), sql, []),
    batch: async (statements: D1PreparedStatement[]) => {
      mayFail()
      const wrapped = statements as (Wrapped & Executed)[]
      const results = await real.batch(wrapped.map((statement) => statement.real))
      note(
        results,
        wrapped.map(({ sql, params }) => ({ sql, params }))
      )
      return results
    },
  } as unknown as D1Database
}
