import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, Response } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { ROOT } from '../scripts/lib/node.mjs'
import { BARE_SCHEMA, BARE_WORKER } from './bare-worker.mjs'
import { delayingEntry } from './delayed-d1.mjs'

const SHARED = {
  log: new Log(LogLevel.ERROR),
  cf: false,
  port: 0,
  host: '127.0.0.1',
  logRequests: false,
  /** The Worker writes its log lines as usual, but the benchmark discards them. */
  handleStructuredLogs: () => undefined,
}
/** Bypasses the dev server's proxy, whose own speed would limit both Workers. */
const DIRECT = [{ host: '127.0.0.1', port: 0 }]

export const TOKEN = 'bench-token'
export const SECRETS_KEY = btoa('0123456789abcdef0123456789abcdef')

/**
 * Starts the built Worker (see `npm run build`) with its real bindings and its own database.
 * @param consumes false leaves messages in the queues: on Cloudflare, the consumers run elsewhere, but here they would
 *   share the core
 * @param delayMs the delay added to each call to D1
 * @param folder where the database is kept; the next start with the same folder continues with it
 * @param bindings variables that replace those in wrangler.toml
 * @param shared options for Miniflare, such as `inspectorPort`
 */
export async function startGuesthook({ consumes = true, delayMs = 0, folder, bindings = {}, ...shared } = {}) {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, 'wrangler.toml'))
  const { modulesRules: _, assets: __, ...options } = workerOptions
  const worker = {
    ...options,
    bindings: {
      ...options.bindings,
      ADMIN_TOKEN: TOKEN,
      SECRETS_KEY,
      ALLOW_LOCAL_ENDPOINTS: 'true',
      // Otherwise, a benchmark would fill the database, and its requests would be refused.
      DATABASE_LIMIT_MB: '1000000',
      ...bindings,
    },
    ...(!consumes && { queueConsumers: {} }),
    ratelimits: unlimited(options.ratelimits),
    serviceBindings: { ...options.serviceBindings, ASSETS: serveAsset },
    modules: modulesOf(readFileSync(join(ROOT, 'dist', 'index.js'), 'utf8'), delayMs),
    unsafeDirectSockets: DIRECT,
  }
  const started = await start(worker, { ...shared, ...(folder && { resourcePersistencePath: folder }) })
  if (!(await hasTables(started.db))) for (const statement of migrations()) await started.db.prepare(statement).run()
  return started
}

/** What the Worker reads from `public/`. Browsers get nothing from there, because the Worker is asked directly. */
function serveAsset(request) {
  return new Response(readFileSync(join(ROOT, 'public', new URL(request.url).pathname)))
}

/** Rate limits would refuse most requests of a benchmark. */
function unlimited(limits = {}) {
  const names = Object.entries(limits)
  return Object.fromEntries(names.map(([name, limit]) => [name, { ...limit, simple: { ...limit.simple, limit: 1e9 } }]))
}

async function hasTables(db) {
  return (await db.prepare("select 1 from sqlite_master where name = 'books'").first()) !== null
}

export async function startBare({ delayMs = 0, inspectorPort } = {}) {
  const bare = {
    name: 'bare',
    modules: modulesOf(BARE_WORKER, delayMs),
    compatibilityDate: '2026-11-01',
    d1Databases: { DB: 'bare' },
    unsafeDirectSockets: DIRECT,
  }
  const started = await start(bare, inspectorPort === undefined ? {} : { inspectorPort })
  await started.db.prepare(BARE_SCHEMA).run()
  return started
}

async function start(worker, shared = {}) {
  const mf = new Miniflare(convertV4MiniflareOptions({ ...SHARED, ...shared, workers: [worker] }))
  const db = await mf.getD1Database('DB')
  return { mf, db, url: String(await mf.unsafeGetDirectURL()).replace(/\/$/, '') }
}

function modulesOf(script, delayMs) {
  const main = { type: 'ESModule', path: 'index.js', contents: script }
  if (delayMs === 0) return [main]
  return [{ type: 'ESModule', path: 'delayed.js', contents: delayingEntry(delayMs) }, main]
}

function migrations() {
  const folder = join(ROOT, 'migrations')
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  const statements = files
    .toSorted()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('--> statement-breakpoint'))
  // A migration may end with a comment.
  return statements.filter((statement) => /^\s*[^-\s]/m.test(statement.replace(/^\s*--.*$/gm, '')))
}
