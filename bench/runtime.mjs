import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { ROOT } from '../scripts/lib/node.mjs'
import { BARE_SCHEMA, BARE_WORKER } from './bare-worker.mjs'

const SHARED = {
  log: new Log(LogLevel.ERROR),
  cf: false,
  port: 0,
  host: '127.0.0.1',
  logRequests: false,
  /** The worker's log is written as it would be, and read by nobody. */
  handleStructuredLogs: () => undefined,
}
/** Past the dev server's proxy, which would cap both sides at its own speed. */
const DIRECT = [{ host: '127.0.0.1', port: 0 }]

export const TOKEN = 'bench-token'

/**
 * The built worker (`npm run build`) with its real bindings, in a database of its own.
 * @param consumes false leaves what is queued where it is: on Cloudflare the consumers run elsewhere, here they would share the same core
 */
export async function startGuesthook({ consumes = true } = {}) {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, 'wrangler.toml'))
  const { modulesRules: _, assets: __, ...options } = workerOptions
  const worker = {
    ...options,
    bindings: {
      ...options.bindings,
      ADMIN_TOKEN: TOKEN,
      SECRETS_KEY: btoa('0123456789abcdef0123456789abcdef'),
      ALLOW_LOCAL_ENDPOINTS: 'true',
    },
    ...(!consumes && { queueConsumers: {} }),
    modules: true,
    script: readFileSync(join(ROOT, 'dist', 'index.js'), 'utf8'),
    unsafeDirectSockets: DIRECT,
  }
  const mf = new Miniflare(convertV4MiniflareOptions({ ...SHARED, workers: [worker] }))
  const db = await mf.getD1Database('DB')
  for (const file of readdirSync(join(ROOT, 'migrations')).filter((name) =>
    name.endsWith('.sql')
  )) {
    const sql = readFileSync(join(ROOT, 'migrations', file), 'utf8')
    for (const statement of sql.split('--> statement-breakpoint')) await db.prepare(statement).run()
  }
  return { mf, db, url: String(await mf.unsafeGetDirectURL()).replace(/\/$/, '') }
}

export async function startBare() {
  const worker = {
    name: 'bare',
    modules: true,
    compatibilityDate: '2026-11-01',
    script: BARE_WORKER,
    d1Databases: { DB: 'bare' },
    unsafeDirectSockets: DIRECT,
  }
  const mf = new Miniflare(convertV4MiniflareOptions({ ...SHARED, workers: [worker] }))
  const db = await mf.getD1Database('DB')
  await db.prepare(BARE_SCHEMA).run()
  return { mf, db, url: String(await mf.unsafeGetDirectURL()).replace(/\/$/, '') }
}
