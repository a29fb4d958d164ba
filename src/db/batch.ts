import { logFault } from '../log'

/*
 * D1 does one batch after the other, so what several requests of an isolate ask of it while one is under way goes into the next one together (databases call it
 * group commit): a burst takes a few round trips instead of one for each, and a database that is busy is not made busier. Whoever comes alone waits for
 * nobody, and nobody reads what is older than their request.
 *
 * Requests that wait hold a promise of their own, which the one that goes settles (a promise of another request is cancelled with it:
 * https://developers.cloudflare.com/workers/observability/errors/), and timers of their own, in case that one dies.
 */

/** Of one batch. An invocation of the Free plan has 50 queries, and needs some for other things. */
const MAX_STATEMENTS = 40
/** In line for longer than this, whoever should go next is gone, or D1 takes its time: then the next one goes by itself. */
const PATIENCE_MS = 1_000
/** What has been under way for as long was lost with whoever sent it: reads are asked again, of writes nobody knows. */
const LOST_MS = { read: 2_000, write: 10_000 }

/** Each kind has a line of its own: a batch of reads alone may be asked again, by D1 too. */
type Kind = 'read' | 'write'

/** `lead`: go, with all that wait. `alone`: what was done together was refused, perhaps for the sake of another. */
type Verdict = 'lead' | 'alone' | { results: D1Result[] } | { fault: unknown }

interface Waiting {
  statements: D1PreparedStatement[]
  settle: (verdict: Verdict) => void
}

interface Line {
  db: D1Database
  kind: Kind
  isBusy: boolean
  waiting: Waiting[]
}

const lines = new WeakMap<D1Database, Record<Kind, Line>>()

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
 * For a request: at times in one batch with what others bring. For what is small, since one of them carries it all; who does so does not go with its own client.
 * No statement may lean on one before those that are given, as `changes()` would.
 */
export function batchTogether({ env: { DB }, executionCtx }: Invocation, kind: Kind): Batch {
  return (statements) => {
    const line = lineOf(DB, kind)
    const done = line.isBusy ? join(line, statements) : lead(line, statements)
    executionCtx.waitUntil(done.catch(() => undefined))
    return done
  }
}

function lineOf(db: D1Database, kind: Kind): Line {
  const empty = (of: Kind): Line => ({ db, kind: of, isBusy: false, waiting: [] })
  const both = lines.get(db) ?? { read: empty('read'), write: empty('write') }
  lines.set(db, both)
  return both[kind]
}

async function join(line: Line, statements: D1PreparedStatement[]): Promise<D1Result[]> {
  const verdict = await waitIn(line, statements)
  if (verdict === 'lead') return lead(line, statements)
  if (verdict === 'alone') return line.db.batch(statements)
  if ('fault' in verdict) throw verdict.fault
  return verdict.results
}

async function waitIn(line: Line, statements: D1PreparedStatement[]): Promise<Verdict> {
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const entry = { statements, settle: resolve }
  line.waiting.push(entry)
  const patience = setTimeout(() => leave(line, entry), PATIENCE_MS)
  const lost = setTimeout(() => resolve(ifLost(line)), LOST_MS[line.kind])
  try {
    return await promise
  } finally {
    clearTimeout(patience)
    clearTimeout(lost)
  }
}

function ifLost({ kind }: Line): Verdict {
  if (kind === 'read') return 'alone'
  return { fault: new Error('D1_ERROR: The request that sent this with its own has ended.') }
}

/** Unless it is under way already. */
function leave(line: Line, entry: Waiting): void {
  const at = line.waiting.indexOf(entry)
  if (at < 0) return
  line.waiting.splice(at, 1)
  entry.settle('lead')
}

/** The next one is told to go while the line is still taken, so that nobody who comes meanwhile goes beside it. */
async function lead(line: Line, statements: D1PreparedStatement[]): Promise<D1Result[]> {
  line.isBusy = true
  const others = takeFrom(line, MAX_STATEMENTS - statements.length)
  try {
    return await send(line, statements, others)
  } finally {
    const next = line.waiting.shift()
    if (next) next.settle('lead')
    else line.isBusy = false
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
  line: Line,
  statements: D1PreparedStatement[],
  others: Waiting[]
): Promise<D1Result[]> {
  try {
    const all = [statements, ...others.map((other) => other.statements)]
    const results = await line.db.batch(all.flat())
    return handOut(results, statements.length, others)
  } catch (cause) {
    const isApart = others.length > 0 && (line.kind === 'read' || wasRefused(cause))
    for (const other of others) other.settle(isApart ? 'alone' : { fault: cause })
    if (!isApart) throw cause
    logFault('batch.split', cause, { requests: others.length + 1 })
    return line.db.batch(statements)
  }
}

/** By SQLite, which has undone all of it; any other fault may have come after it was done. */
function wasRefused(cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes('SQLITE_')
}

function handOut(results: D1Result[], own: number, others: Waiting[]): D1Result[] {
  let at = own
  for (const { statements, settle } of others) {
    settle({ results: results.slice(at, at + statements.length) })
    at += statements.length
  }
  return results.slice(0, own)
}
