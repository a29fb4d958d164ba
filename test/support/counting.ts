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
  /** When the process dies: see `Death`. */
  death?: Death | undefined
  /** One call to D1 fails, and the process lives on; counted as a death is. */
  fault?: Death | undefined
  /** How long each call to D1 waits first, in turn, in milliseconds: so that what runs side by side meets in every way. */
  pauses?: number[] | undefined
}

/**
 * The process dies at a call to D1: before it is made, or after it was committed and before the answer came. From then on it reaches nothing, neither
 * the database nor a queue nor a receiver.
 */
export interface Death {
  callsLeft: number
  isCommitted: boolean
}

export function isDead({ death }: Recorder): boolean {
  return death !== undefined && death.callsLeft <= 0
}

const CONNECTION_LOST = 'D1_ERROR: Network connection lost.'

interface Wrapped extends D1PreparedStatement {
  real: D1PreparedStatement
}

/** A D1 binding that counts into `recorder`. */
export function countingD1(real: D1Database, recorder: Recorder): D1Database {
  let calls = 0
  const pause = async () => {
    const { pauses = [] } = recorder
    const ms = pauses[calls++ % Math.max(pauses.length, 1)] ?? 0
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  }
  const note = (results: D1Result[], statements: Executed[]) => {
    recorder.counts.d1RoundTrips += 1
    recorder.counts.queries += statements.length
    recorder.executed.push(...statements)
    for (const { meta } of results) {
      recorder.counts.rowsRead += meta.rows_read ?? 0
      recorder.counts.rowsWritten += meta.rows_written ?? 0
    }
  }
  /** @returns whether the call is made, but its answer is lost */
  const mayFail = (): boolean => {
    if (isDead(recorder)) throw new Error('killed')
    const { death } = recorder
    if (death) death.callsLeft -= 1
    if (death && isDead(recorder) && !death.isCommitted) throw new Error('killed')
    const next = recorder.failNextD1
    recorder.failNextD1 = undefined
    if (next) throw next
    const { fault } = recorder
    if (!fault || --fault.callsLeft > 0) return false
    recorder.fault = undefined
    if (!fault.isCommitted) throw new Error(CONNECTION_LOST)
    return true
  }
  const wrap = (statement: D1PreparedStatement, sql: string, params: unknown[]): Wrapped => {
    const all = async <T>() => {
      await pause()
      const isLost = mayFail()
      const result = await statement.all<T>()
      if (isDead(recorder)) throw new Error('killed')
      if (isLost) throw new Error(CONNECTION_LOST)
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
      await pause()
      const isLost = mayFail()
      const wrapped = statements as (Wrapped & Executed)[]
      const results = await real.batch(wrapped.map((statement) => statement.real))
      if (isDead(recorder)) throw new Error('killed')
      if (isLost) throw new Error(CONNECTION_LOST)
      note(
        results,
        wrapped.map(({ sql, params }) => ({ sql, params }))
      )
      return results
    },
  } as unknown as D1Database
}
