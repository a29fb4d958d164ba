import { env } from 'cloudflare:workers'

/*
 * What has been in the tables after each step. Rows that retention or the owner removes later are still known.
 */

const READ = {
  comments: `select id, book, number, status, reason, is_private, name, body, answers, reply, edited_at, edited_by,
      inbound_id, message_ids from comments`,
  messages: `select id, type, created_at, wake_at, dispatched_at, payload, book, about, audience, erased_at
      from messages`,
  deliveries: `select endpoint_id || ' ' || message_id as id, * from deliveries`,
  endpoints: 'select id, status, url from endpoints',
  inbound: `select id, source_id, status, reason, repeats, next_attempt_at, received_at, message_id, comment_id,
      external_id, fingerprint, body_prefix from inbound_messages`,
  sources: 'select id, status from sources',
  jobs: 'select id, kind, state, endpoint_id, only, since, until from jobs',
}

export interface Rows {
  comments: {
    id: string
    book: string
    number: number
    status: string
    reason: string | null
    is_private: number
    name: string
    body: string
    /** A JSON list. */
    answers: string
    reply: string | null
    edited_at: number | null
    edited_by: string | null
    inbound_id: string | null
    message_ids: string
  }
  messages: {
    id: string
    type: string
    created_at: number
    wake_at: number
    dispatched_at: number | null
    payload: string
    book: string | null
    about: string | null
    audience: string | null
    erased_at: number | null
  }
  deliveries: {
    id: string
    endpoint_id: string
    message_id: string
    status: string
    reason: string | null
    attempt_count: number
    covered_by: string | null
    next_attempt_at: number | null
    settled_at: number | null
  }
  endpoints: { id: string; status: string; url: string }
  inbound: {
    id: string
    source_id: string
    status: string
    reason: string | null
    repeats: number
    next_attempt_at: number | null
    received_at: number
    message_id: string | null
    comment_id: string | null
    external_id: string | null
    fingerprint: string
    body_prefix: string | null
  }
  sources: { id: string; status: string }
  jobs: { id: string; kind: string; state: string; endpoint_id: string; only: string; since: number; until: number }
}
type TableName = keyof Rows

/** A row that has been seen. */
export interface Seen<Row> {
  /** As it was seen first. */
  initial: Row
  /** As it was seen last. */
  row: Row
  /** The step in which it appeared, and the one in which it vanished, or null. */
  since: number
  gone: number | null
}

export interface Changes<Row> {
  added: Seen<Row>[]
  changed: { before: Row; after: Row }[]
  vanished: Row[]
}

class Table<Row extends { id: string }> {
  readonly seen = new Map<string, Seen<Row>>()

  present(): Row[] {
    return [...this.seen.values()].flatMap(({ row, gone }) => (gone === null ? [row] : []))
  }

  update(rows: Row[], step: number): Changes<Row> {
    const changes: Changes<Row> = { added: [], changed: [], vanished: [] }
    const ids = new Set(rows.map(({ id }) => id))
    for (const seen of this.seen.values()) {
      if (seen.gone !== null || ids.has(seen.row.id)) continue
      seen.gone = step
      changes.vanished.push(seen.row)
    }
    for (const row of rows) {
      const seen = this.seen.get(row.id)
      if (seen && JSON.stringify(seen.row) !== JSON.stringify(row))
        changes.changed.push({ before: seen.row, after: row })
      if (seen) Object.assign(seen, { row, gone: null })
      else changes.added.push(this.#add(row, step))
    }
    return changes
  }

  #add(row: Row, step: number): Seen<Row> {
    const seen = { initial: row, row, since: step, gone: null }
    this.seen.set(row.id, seen)
    return seen
  }
}

type Tables = { [Name in TableName]: Table<Rows[Name]> }
export type AllChanges = { [Name in TableName]: Changes<Rows[Name]> }

const NAMES = Object.keys(READ) as TableName[]

export class History {
  readonly tables: Tables = {
    comments: new Table(),
    messages: new Table(),
    deliveries: new Table(),
    endpoints: new Table(),
    inbound: new Table(),
    sources: new Table(),
    jobs: new Table(),
  }

  /** Reads the tables after a step. @returns what the step has changed */
  async read(step: number): Promise<AllChanges> {
    const results = await env.DB.batch(NAMES.map((name) => env.DB.prepare(READ[name])))
    const changes = NAMES.map((name, i) => {
      const table = this.tables[name] as Table<{ id: string }>
      return [name, table.update((results[i]?.results ?? []) as { id: string }[], step)]
    })
    return Object.fromEntries(changes)
  }
}

/** @returns the words in a text: see `nextWord` in simulation.ts */
export function wordsIn(text: string | null): string[] {
  return text?.match(/word\d+end/g) ?? []
}
