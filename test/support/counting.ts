/*
 * A wrapper around D1 that counts what the Free plan limits and what D1 bills. It can also simulate failures.
 */

export interface Counts {
  /** Calls to D1 over the network. A batch is one call. */
  d1RoundTrips: number
  /** The longest chain of calls to D1 in which each call starts after the previous one has ended. */
  d1Sequential: number
  /** Statements. Each statement of a batch counts. */
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
    d1Sequential: 0,
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
  /** Thrown by the next call to D1, once. */
  failNextD1?: Error | undefined
  /** When the process dies. */
  death?: Death | undefined
  /** When a call to D1 fails, although the process continues. */
  fault?: (Death & { error?: Error }) | undefined
  /** What is used up for today: D1 refuses calls that write, or all calls, because SQL cannot write without reading. */
  usedUp?: 'read' | 'write' | undefined
  /** Milliseconds before each call to D1, in turn. Tests use them to interleave concurrent invocations. */
  pauses?: number[] | undefined
  /** Called before each call to D1, which waits for what it returns. Tests use it to stop an invocation at one place. */
  gate?: (statements: Executed[]) => Promise<void>
}

/**
 * The process dies at a call to D1, either before the call or after its commit but before its response. From then on
 * the process reaches no database, queue, or receiver.
 */
export interface Death {
  callsLeft: number
  isCommitted: boolean
}

export function isDead({ death }: Recorder): boolean {
  return death !== undefined && death.callsLeft <= 0
}

const KILLED = 'killed'
const CONNECTION_LOST = 'D1_ERROR: Network connection lost.'

/** @returns true if the call is committed but its response is lost. @throws Error if the call is not made */
function startCall(recorder: Recorder): boolean {
  if (isDead(recorder)) throw new Error(KILLED)
  const { death } = recorder
  if (death) death.callsLeft -= 1
  if (death && isDead(recorder) && !death.isCommitted) throw new Error(KILLED)
  const next = recorder.failNextD1
  recorder.failNextD1 = undefined
  if (next) throw next
  const { fault } = recorder
  if (!fault || --fault.callsLeft > 0) return false
  recorder.fault = undefined
  if (!fault.isCommitted) throw fault.error ?? new Error(CONNECTION_LOST)
  return true
}

/** Throws what D1 throws from then on until 00:00 UTC. */
function refuseIfUsedUp({ usedUp }: Recorder, statements: Executed[]): void {
  const writes = statements.some(({ sql }) => !/^\s*select/i.test(sql))
  if (usedUp === 'read' || (usedUp === 'write' && writes))
    throw new Error(`D1_ERROR: Your account has exceeded D1's free tier daily row ${usedUp} limit.`)
}

function count({ counts, executed }: Recorder, results: D1Result[], statements: Executed[], position: number): void {
  counts.d1RoundTrips += 1
  counts.d1Sequential = Math.max(counts.d1Sequential, position)
  counts.queries += statements.length
  executed.push(...statements)
  for (const { meta } of results) {
    counts.rowsRead += meta.rows_read ?? 0
    counts.rowsWritten += meta.rows_written ?? 0
  }
}

/** Makes one call to D1. */
type Call = <T>(run: () => Promise<D1Result<T>[]>, executed: Executed[]) => Promise<D1Result<T>[]>

function countedCalls(recorder: Recorder): Call {
  let calls = 0
  return async (run, executed) => {
    const { pauses = [], gate } = recorder
    await gate?.(executed)
    const ms = pauses[calls++ % Math.max(pauses.length, 1)] ?? 0
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
    const position = recorder.counts.d1Sequential + 1
    refuseIfUsedUp(recorder, executed)
    const isLost = startCall(recorder)
    const results = await run()
    if (isDead(recorder)) throw new Error(KILLED)
    if (isLost) throw new Error(CONNECTION_LOST)
    count(recorder, results, executed, position)
    return results
  }
}

interface Wrapped extends D1PreparedStatement, Executed {
  real: D1PreparedStatement
}

function wrap(call: Call, real: D1PreparedStatement, sql: string, params: unknown[]): Wrapped {
  const all = async <T>() => {
    const [result] = await call(async () => [await real.all<T>()], [{ sql, params }])
    return result as D1Result<T>
  }
  return {
    real,
    sql,
    params,
    bind: (...values: unknown[]) => wrap(call, real.bind(...values), sql, values),
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
  } as unknown as Wrapped
}

/** @returns a D1 binding that counts into `recorder` and simulates its failures */
export function countingD1(real: D1Database, recorder: Recorder): D1Database {
  const call = countedCalls(recorder)
  return {
    prepare: (sql: string) => wrap(call, real.prepare(sql), sql, []),
    batch: (statements: D1PreparedStatement[]) => {
      const wrapped = statements as Wrapped[]
      const executed = wrapped.map(({ sql, params }) => ({ sql, params }))
      return call(() => real.batch(wrapped.map((statement) => statement.real)), executed)
    },
  } as unknown as D1Database
}
