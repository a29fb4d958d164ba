import { env } from 'cloudflare:workers'
import { inject } from 'vitest'
import { HOUR_MS } from '../../src/kit/lib/time'
import { isTurnToCount } from '../../src/owner/rules/stats/periods'
import type { Page, Received } from './receiver'
import type { World } from './world'

/*
 * What tests set up: receivers, endpoints, comments, times.
 */

/** A mailbox at the test receiver: its name, its URLs, and the requests that it got. */
export function mailbox() {
  const name = crypto.randomUUID()
  const url = inject('receiver')
  return {
    name,
    url: (behavior = 'ok') => `${url}/${name}/${behavior}`,
    /** The addresses of the services for people, by format. The mailbox is a part of each. */
    services: {
      ntfy: `${url}/${name}`,
      telegram: `${url}/bot1234:${name}/sendMessage?chat_id=-100`,
      matrix: `${url}/_matrix/client/v3/rooms/!${name}:localhost/send/m.room.message`,
      slack: `${url}/services/T1/B1/${name}`,
      discord: `${url}/api/webhooks/1/${name}`,
      teams: `${url}/workflows/${name}/triggers/manual/paths/invoke?sig=x`,
      'google-chat': `${url}/v1/spaces/${name}/messages?key=a&token=b`,
    },
    received: async (): Promise<Received[]> => (await fetch(`${url}/log/${name}`)).json(),
    /** Sets what `url('page')` shows from now on. */
    serve: async (page: Page) =>
      void (await fetch(`${url}/pages/${name}`, { method: 'POST', body: JSON.stringify(page) })),
    /** Sets how `url('scripted')` behaves from now on: `status/500`, `retry-after/60`. */
    script: async (behavior: string) => void (await fetch(`${url}/script/${name}/${behavior}`)),
  }
}

export interface RegisteredEndpoint {
  id: string
  secret: string
  url: string
}

export async function anEndpoint(
  world: World,
  url: string,
  more: Record<string, unknown> = {}
): Promise<RegisteredEndpoint> {
  const { status, body } = await world.api<RegisteredEndpoint>('POST', '/api/endpoints', {
    url,
    ...more,
  })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

/** Inserts many endpoints directly into the table. They share one signing secret, sealed for each. */
export async function manyEndpoints(world: World, count: number, urlOf: (i: number) => string) {
  const made = await anEndpoint(world, urlOf(0))
  const { sealSecrets } = await import('../../src/webhooks/endpoints/secrets')
  const { freshId } = await import('../../src/kit/db/ids')
  const rows = await Promise.all(
    Array.from({ length: count - 1 }, async (_, i) => {
      const id = freshId('ep', Date.now())
      return {
        id,
        url: urlOf(i + 1),
        secrets: await sealSecrets(world.env, id, { current: made.secret }),
      }
    })
  )
  await env.DB.prepare(
    `insert into endpoints (id, status, url, event_types, created_at, updated_at, secrets)
     select value ->> 'id', 'enabled', value ->> 'url', '["*"]', 1, 1, value ->> 'secrets' from json_each(?1)`
  )
    .bind(JSON.stringify(rows))
    .run()
  return { secret: made.secret, ids: [made.id, ...rows.map((row) => row.id)] }
}

/** @param headers without them, the owner signs */
export async function aComment(world: World, more: Record<string, unknown> = {}, headers?: Record<string, string>) {
  await nextMillisecond()
  const entry = { name: 'Ada', body: 'Hello', ...more }
  const { status, body } = await world.api<{ id: string }>('POST', '/api/comments', entry, headers)
  lastEntryAt = Date.now()
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

let lastEntryAt = 0

/** Ids of the same millisecond have no order, and a fast machine writes two entries in one. A fake clock may stand still. */
async function nextMillisecond(): Promise<void> {
  for (let tries = 0; tries < 3 && Date.now() === lastEntryAt; tries++)
    await new Promise((resolve) => setTimeout(resolve, 1))
}

/**
 * A guest signs. Another one each time, so that no limit counts them together. What the owner writes costs a row more.
 */
export function aGuestComment(world: World, more: Record<string, unknown> = {}) {
  const address = `2001:db8:${(guests++).toString(16)}::1`
  return aComment(world, { body: `Hello ${address}`, ...more }, { 'CF-Connecting-IP': address })
}

let guests = 1

/**
 * A time for a sweep, `ms` from now: what is due by then is due in that sweep. In one minute of five, the sweep counts
 * what happened, which leaves fewer calls to the chores. So a sweep that is about a day or more from now, for which
 * chores matter, is a minute later then.
 */
export function later(ms: number): number {
  return ms < 20 * HOUR_MS ? Date.now() + ms : laterOffTurn(ms)
}

/** As `later`, but never in a minute in which the sweep counts what happened: that takes calls and rows of its own. */
export function laterOffTurn(ms: number): number {
  const time = Date.now() + ms
  return isTurnToCount(time) ? time + 60_000 : time
}

/**
 * Lets the sweep neither measure the tables, nor count what happened, nor remove what is old, for tests that count what
 * its other parts cost.
 */
export async function restChores(): Promise<void> {
  const kept = { settled_days: 0, failed_days: 0, jobs_days: 0 }
  await env.DB.batch([
    env.DB.prepare(`insert or replace into settings (name, value) values ('retention', ?)`).bind(JSON.stringify(kept)),
    env.DB.prepare(
      `insert or replace into rollups (span, start, counted_to, figures) values ('total', 0, ?, '{"entries":{},"inbound":{},"endpoints":{}}')`
    ).bind(later(365 * 86_400_000)),
    env.DB.prepare(`insert or replace into sweep_state (name, value) values ('storage', ?)`).bind(
      JSON.stringify({ measured_at: later(365 * 86_400_000) })
    ),
  ])
}
