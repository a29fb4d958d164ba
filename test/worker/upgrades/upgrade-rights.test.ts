import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { migrate } from './old-databases'

/* Migrations 0016 and 0017 decide what the keys and the endpoints of an earlier version may have. */

const before16 = env.TEST_MIGRATIONS.filter(({ name }) => name < '0016')

const KEYS = { writing: 'write', reading: 'read', both: 'read write moderate' }

interface Made {
  act?: string
  actor?: string
  columns?: Record<string, string>
}

/** Endpoints, and who made or changed them. A key that is not in `KEYS` was revoked. */
const ENDPOINTS: Record<string, Made> = {
  owned: { act: 'endpoint.created', actor: 'token' },
  unlogged: {},
  written: { act: 'endpoint.created', actor: 'key:writing' },
  changed: { act: 'endpoint.updated', actor: 'key:writing' },
  moderating: { act: 'endpoint.created', actor: 'key:both' },
  revoked: { act: 'endpoint.created', actor: 'key:gone' },
  integrator: { columns: { manage_token_hash: 'x' } },
  receiver: { columns: { url: 'guesthook:receiver/src_1' } },
  pulled: { act: 'endpoint.pull_token_created', actor: 'key:writing', columns: { pull_token_hash: 'p1' } },
  pulled_by_owner: { act: 'endpoint.pull_token_created', actor: 'token', columns: { pull_token_hash: 'p2' } },
  no_longer_pulled: { act: 'endpoint.pull_token_created', actor: 'key:writing' },
}

const COLUMNS = { status: 'enabled', event_types: '[]', secrets: '', created_at: 0, updated_at: 0 }

function insert(table: string, row: Record<string, string | number>) {
  const names = Object.keys(row)
  const sql = `insert into ${table} (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`
  return env.DB.prepare(sql).bind(...Object.values(row))
}

async function fill(): Promise<void> {
  const keys = Object.entries(KEYS).map(([id, scopes]) =>
    insert('api_keys', { id, name: id, scopes, created_at: 0, token_hash: id })
  )
  const endpoints = Object.entries(ENDPOINTS).flatMap(([id, { act, actor, columns }]) => [
    insert('endpoints', { ...COLUMNS, id, url: `https://${id}.example/`, ...columns }),
    ...(act && actor ? [insert('audit_log', { id, act, actor, subject: id, created_at: 0, browser: '' })] : []),
  ])
  await env.DB.batch([...keys, ...endpoints])
}

it('endpoints keep moderation links unless somebody without this right made or reads them', async () => {
  await reset()
  await applyD1Migrations(env.DB, before16)
  await fill()
  await migrate()
  const { results } = await env.DB.prepare('select id from endpoints where moderation_links = 1 order by id').all()
  expect(results.map(({ id }) => id)).toEqual([
    'moderating',
    'no_longer_pulled',
    'owned',
    'pulled_by_owner',
    'unlogged',
  ])
  const scopes = await env.DB.prepare('select id, scopes from api_keys order by id').all()
  expect(scopes.results).toEqual([
    { id: 'both', scopes: 'read write moderate secrets' },
    { id: 'reading', scopes: 'read secrets' },
    { id: 'writing', scopes: 'write' },
  ])
})
