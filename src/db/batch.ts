import { logFault } from '../log'

/*
 * D1 does one batch after the other, so what several requests of an isolate ask of it while one is under way goes into the next one together (databases call it
 * group commit): a burst takes a few round trips instead of one for each, and a database that is busy is not made busier. Whoever comes alone waits for
 * nobody, and nobody reads what is older than their request.
 *
 * Requests that wait hold a promise of their own, which the one that goes settles (a promise of another request is cancelled with it:
 * https://developers.cloudflare.com/workers/observability/errors/), and a timer of their own, in case that one dies.
 */

/** Of one batch. An invocation of the Free plan has 50 queries, and needs some for other things. */
const MAX_STATEMENTS = 40
/** In line for longer than this, whoever should go next is gone, or D1 takes its time: then the next one goes by itself. */
const PATIENCE_MS = 1_000
/** As long as D1 lets a batch take. What has been under way for longer was lost with whoever sent it. */
const LOST_MS = 30_000

/** `lead`: go, with all that wait. `alone`: what was done together was refused for the sake of one of them. */
type Verdict = 'lead' | 'alone' | { results: D1Result[] } | { fault: unknown }

interface Waiting {
  statements: D1PreparedStatement[]
  settle: (verdict: Verdict) => void
}

interface Line {
  isBusy: boolean
  waiting: Waiting[]
}

const lines = new WeakMap<D1Database, Line>()

/**
 * Does statements all or nothing, as `batch()` does.
 * @throws what `batch()` throws for them. When the connection was lost, nobody knows whether they were done, as ever
 */
export type Batch = (statements: D1PreparedStatement[]) => Promise<D1Result[]>

interface Invocation {
  env: Env
  executionCtx: { waitUntil(promise: Promise<unknown>): void }
}

/**
 * For a request: at times in one batch with what others bring. Nothing large, for one of them carries it all; who does so does not go with its own client.
 */
export function batchTogether({ env: { DB }, executionCtx }: Invocation): Batch {
  return (statements) => {
    const line = lineOf(DB)
    const done = line.isBusy ? joinLine(DB, line, statements) : lead(DB, line, statements)
    executionCtx.waitUntil(done.catch(() => undefined))
    return done
  }
}

function lineOf(db: D1Database): Line {
  const line = lines.get(db) ?? { isBusy: false, waiting: [] }
  lines.set(db, line)
  return line
}

async function joinLine(
  db: D1Database,
  line: Line,
  statements: D1PreparedStatement[]
): Promise<D1Result[]> {
  const verdict = await waitFor(line, statements)
  if (verdict === 'lead') return lead(db, line, statements)
  if (verdict === 'alone') return db.batch(statements)
  if ('fault' in verdict) throw verdict.fault
  return verdict.results
}

async function waitFor(line: Line, statements: D1PreparedStatement[]): Promise<Verdict> {
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const entry = { statements, settle: resolve }
  line.waiting.push(entry)
  const patience = setTimeout(() => leave(line, entry), PATIENCE_MS)
  const lost = setTimeout(() => resolve({ fault: new Error(LOST) }), LOST_MS)
  try {
    return await promise
  } finally {
    clearTimeout(patience)
    clearTimeout(lost)
  }
}

const LOST = 'D1_ERROR: The request that sent this together with its own has ended.'

/** Unless it is under way already. */
function leave(line: Line, entry: Waiting): void {
  const at = line.waiting.indexOf(entry)
  if (at < 0) return
  line.waiting.splice(at, 1)
  entry.settle('lead')
}

async function lead(
  db: D1Database,
  line: Line,
  statements: D1PreparedStatement[]
): Promise<D1Result[]> {
  line.isBusy = true
  const others = takeFrom(line, MAX_STATEMENTS - statements.length)
  try {
    return await send(db, statements, others)
  } finally {
    line.isBusy = false
    line.waiting.shift()?.settle('lead')
  }
}

/** From the front, as many as there is room for. */
function takeFrom({ waiting }: Line, room: number): Waiting[] {
  let left = room
  const end = waiting.findIndex(({ statements }) => {
    left -= statements.length
    return left < 0
  })
  return waiting.splice(0, end < 0 ? waiting.length : end)
}

async function send(
  db: D1Database,
  statements: D1PreparedStatement[],
  others: Waiting[]
): Promise<D1Result[]> {
  try {
    const all = [statements, ...others.map((other) => other.statements)]
    const results = await db.batch(all.flat())
    for (const other of others.toReversed())
      other.settle({ results: results.splice(-other.statements.length) })
    return results
  } catch (cause) {
    const isRefused =
      others.length > 0 && cause instanceof Error && cause.message.includes('SQLITE_')
    for (const other of others) other.settle(isRefused ? 'alone' : { fault: cause })
    if (!isRefused) throw cause
    logFault('batch.split', cause, { requests: others.length + 1 })
    return db.batch(statements)
  }
}
