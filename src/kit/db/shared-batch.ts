import { perDatabase } from '../../env'
import { log } from '../../log'
import type { Clock } from '../lib/time'
import { noteResults } from './size'
import type { Bound, Results } from './statements'

/*
 * Group commit. D1 runs one batch after another, so under load a request's own batch would wait in D1's queue. While a
 * batch of this isolate is under way, further requests wait for its end, and share the next one. After 1 ms, they share
 * another batch: over a slow network, a batch waits for the network, not for D1. But if five batches are under way, D1
 * itself is slow, so they wait longer.
 *
 * Without it, accepting an entry with 50 connections is 0.7 times as fast as a bare Worker that inserts one row; with it,
 * 1.1 times. The budget is 1 (`npm run bench -- speed`).
 *
 * Each waiting request has its own promise, because the runtime cancels promises together with the request that
 * made them:
 * https://developers.cloudflare.com/workers/observability/errors/#cannot-perform-io-on-behalf-of-a-different-request
 */

/** The limit for one shared batch. On the Free plan, an invocation has 50 queries, and needs some for other work. */
const MAX_STATEMENTS = 36
/** How long a request waits for a batch that is under way, unless there are many of them. */
const PATIENCE_MS = 1
const MANY = 5
/** After this long, assume that the requests that sent the batches have ended, and send another one. */
const LONG_PATIENCE_MS = 1_000
/** After this time, assume that the request that sent the batch has ended. D1 may or may not have run the batch. */
const LOST_MS = 10_000

/** `lead`: send the next batch. `alone`: the shared batch was rejected; send your own statements. */
type Verdict = 'lead' | 'alone' | { results: D1Result[] } | { fault: unknown }

type Waiting = { statements: readonly D1PreparedStatement[]; settle: (verdict: Verdict) => void }

interface Line {
  db: D1Database
  /** When each batch that is under way was sent. */
  underWay: Set<{ sentAt: number }>
  waiting: Waiting[]
}
const lineOf = perDatabase((db): Line => ({ db, underWay: new Set(), waiting: [] }))

/** Runs all statements or none. @throws the error from D1; if the connection was lost, they may or may not have run */
export type Batch = <const S extends readonly Bound<unknown>[]>(statements: S) => Promise<Results<S>>

interface Invocation {
  env: Env
  executionCtx: { waitUntil(promise: Promise<unknown>): void }
  get(name: 'clock'): Clock
}

/**
 * Like `batch`, but the writes can share a round trip with those of other requests. Use it only for small statements:
 * one request sends all of the statements, and keeps running even if its own client disconnects. The first statement
 * must not depend on a previous statement, as `changes()` does.
 */
export function batchTogether(invocation: Invocation): Batch {
  return <const S extends readonly Bound<unknown>[]>(statements: S) => {
    const done = runIn(lineOf(invocation.env.DB), statements, invocation.get('clock'))
    invocation.executionCtx.waitUntil(done.catch(() => undefined))
    return done as Promise<Results<S>>
  }
}

function runIn(line: Line, statements: readonly D1PreparedStatement[], clock: Clock): Promise<D1Result[]> {
  for (const batch of line.underWay) if (clock() - batch.sentAt > LOST_MS) line.underWay.delete(batch)
  return line.underWay.size === 0 ? lead(line, statements, clock) : join(line, statements, clock)
}

async function join(line: Line, statements: readonly D1PreparedStatement[], clock: Clock): Promise<D1Result[]> {
  const verdict = await waitIn(line, statements)
  if (verdict === 'lead') return lead(line, statements, clock)
  if (verdict === 'alone') return line.db.batch([...statements])
  if ('fault' in verdict) throw verdict.fault
  return verdict.results
}

async function waitIn(line: Line, statements: readonly D1PreparedStatement[]): Promise<Verdict> {
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const entry = { statements, settle: resolve }
  const wait = line.underWay.size < MANY ? PATIENCE_MS : LONG_PATIENCE_MS
  line.waiting.push(entry)
  let timer = setTimeout(() => {
    if (leave(line, entry)) return resolve('lead')
    const fault = new Error('D1_ERROR: The request that sent this batch has ended.')
    timer = setTimeout(() => resolve({ fault }), LOST_MS)
  }, wait)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

/** @returns false if a batch already carries this request's statements */
function leave({ waiting }: Line, entry: Waiting): boolean {
  const at = waiting.indexOf(entry)
  if (at >= 0) waiting.splice(at, 1)
  return at >= 0
}

/** Sends the statements together with those that wait. When they are written, the next request that waits leads. */
async function lead(line: Line, statements: readonly D1PreparedStatement[], clock: Clock): Promise<D1Result[]> {
  const others = takeFrom(line.waiting, MAX_STATEMENTS - statements.length)
  const batch = { sentAt: clock() }
  line.underWay.add(batch)
  try {
    return await send(line.db, statements, others)
  } finally {
    line.underWay.delete(batch)
    line.waiting.shift()?.settle('lead')
  }
}

/** Takes requests from the front of the line, as long as their statements fit. */
function takeFrom(waiting: Waiting[], room: number): Waiting[] {
  let left = room
  const end = waiting.findIndex(({ statements }) => {
    left -= statements.length
    return left < 0
  })
  return waiting.splice(0, end < 0 ? waiting.length : end)
}

async function send(db: D1Database, own: readonly D1PreparedStatement[], others: Waiting[]): Promise<D1Result[]> {
  try {
    const results = await db.batch([...own, ...others.flatMap(({ statements }) => statements)])
    noteResults(db, results)
    return handOut(results, own.length, others)
  } catch (cause) {
    const isShared = others.length > 0 && wasRefused(cause)
    for (const other of others) other.settle(isShared ? 'alone' : { fault: cause })
    if (!isShared) throw cause
    // The request whose statement was rejected reports it. A limit or a unique key may be the reason.
    log('batch.split', { requests: others.length + 1, reason: String(cause) })
    return db.batch([...own])
  }
}

/** True if SQLite rejected a statement and rolled back the batch. After any other fault, the batch may have run. */
const wasRefused = (cause: unknown): boolean => cause instanceof Error && cause.message.includes('SQLITE_')

function handOut(results: D1Result[], own: number, others: Waiting[]): D1Result[] {
  let at = own
  for (const { statements, settle } of others) {
    settle({ results: results.slice(at, at + statements.length) })
    at += statements.length
  }
  return results.slice(0, own)
}
