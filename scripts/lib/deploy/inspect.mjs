import { createHash } from 'node:crypto'
import { SECRETS } from './secrets.mjs'

/**
 * Reads what the account already has, and changes nothing.
 * @returns `bindings` is null if there is no Worker; `database` is null, and a queue undefined, if it does not exist
 */
export async function inspect(account, config) {
  const worker = `/workers/scripts/${config.name}`
  const { database_id: id, database_name: name } = config.d1_databases[0]
  const [subdomain, settings, secrets, database, queues] = await Promise.all([
    account.call('GET', '/workers/subdomain'),
    account.call('GET', `${worker}/settings`),
    account.call('GET', `${worker}/secrets`),
    account.call('GET', `/d1/database/${id ?? name}`),
    account.call('GET', `/queues?${new URLSearchParams(queueNames(config).map((queue) => ['name', queue]))}`),
  ])
  return {
    subdomain: subdomain?.subdomain ?? null,
    bindings: settings?.bindings ?? null,
    secretNames: new Set((secrets ?? []).map(({ name }) => name)),
    database,
    queues: new Map((queues ?? []).map((queue) => [queue.queue_name, queue])),
  }
}

export function queueNames(config) {
  return config.queues.producers.map(({ queue }) => queue)
}

/**
 * Checks that everything with one of our names is ours, because a deployment would overwrite it.
 * @throws Error if something with one of our names belongs to another program
 */
export async function refuseForeign(account, config, { bindings, database, queues }) {
  // Workers Builds deploys to the Worker that it was set up for. The first deployment replaces an example.
  if (bindings && !isGuestbook(bindings) && !process.env.WORKERS_CI) throw taken(`a Worker named "${config.name}"`)
  for (const [name, { consumers = [] }] of queues) {
    const other = consumers.map(({ script, service }) => script ?? service).find((worker) => worker !== config.name)
    if (other) throw taken(`a queue named "${name}", which belongs to the Worker "${other}"`)
  }
  requireSameName(config.d1_databases[0], database)
  if (database && !bindings?.some((binding) => isBoundTo(database, binding))) await ourTables(account, database)
}

/**
 * A copy of wrangler.toml still has the ID of the database that it was copied from. Two guestbooks in one database could
 * not decrypt each other's secrets.
 */
function requireSameName({ database_id, database_name }, database) {
  if (!database || database.name === database_name) return
  throw new Error(`In wrangler.toml, \`database_id\` ("${database_id}") belongs to the database "${database.name}", but
\`database_name\` is "${database_name}". To use "${database_name}", remove \`database_id\`. To use "${database.name}",
correct \`database_name\`. Then run "npm run deploy" again.`)
}

/** `wrangler secret put` creates a Worker that has only secrets. */
function isGuestbook(bindings) {
  const isSecret = ({ type, name }) => type === 'secret_text' && name in SECRETS
  const hasDatabase = bindings.some(({ type, name }) => type === 'd1' && name === 'DB')
  return hasDatabase || (bindings.length > 0 && bindings.every(isSecret))
}

function isBoundTo({ uuid }, { type, id, database_id }) {
  return type === 'd1' && (id ?? database_id) === uuid
}

/** @returns the names of our tables; empty for a new database. @throws Error if they belong to another program */
async function ourTables(account, database) {
  const rows = await select(account, database, "SELECT name FROM sqlite_master WHERE type = 'table'")
  const tables = rows.map(({ name }) => name).filter((name) => !/^(_cf_|sqlite_|d1_migrations$)/.test(name))
  if (tables.length === 0 || OUR_TABLES.every((name) => tables.includes(name))) return tables
  throw taken(`a database named "${database.name}", with tables of another program`)
}

const OUR_TABLES = ['books', 'comments', 'messages', 'endpoints', 'deliveries']
/** The tables that contain secrets, which only the SECRETS_KEY that encrypted them can decrypt. */
const SEALED_TABLES = ['endpoints', 'signing_keys', 'sources']

/** @returns whether the database has secrets but its Worker has no key: it was restored, or the key was deleted */
export async function needsOldKey(account, { database, secretNames }) {
  if (!database || secretNames.has('SECRETS_KEY')) return false
  const tables = await ourTables(account, database)
  const sealed = SEALED_TABLES.filter((name) => tables.includes(name))
  if (sealed.length === 0) return false
  const anyRow = sealed.map((name) => `EXISTS (SELECT 1 FROM ${name})`).join(' OR ')
  const [row] = await select(account, database, `SELECT ${anyRow} AS held`)
  return row.held === 1
}

async function select(account, { uuid }, sql) {
  const [{ results }] = await account.call('POST', `/d1/database/${uuid}/query`, { sql })
  return results
}

function taken(what) {
  return new Error(`Your Cloudflare account already has ${what}. It is not this guestbook.
Choose other names: in wrangler.toml, replace "guesthook" with, for example, "my-guestbook" in \`name\`,
\`database_name\` and every \`queue\`. Then run "npm run deploy" again.`)
}

/**
 * Finds the public address: the first of the command line, wrangler.toml, its custom domain, the deployed value and the
 * address on workers.dev.
 * @throws Error if there is no address, or it is not an origin
 */
export function findPublicUrl(options, config, { bindings, subdomain }, accountId) {
  const deployed = bindings?.find(({ name, type }) => name === 'PUBLIC_URL' && type === 'plain_text')?.text
  const domain = config.routes?.find(({ custom_domain }) => custom_domain)?.pattern
  const url = options['public-url'] || config.vars.PUBLIC_URL || (domain && `https://${domain}`) || deployed
  if (!subdomain && config.workers_dev !== false) throw new Error(noSubdomain(accountId))
  if (url) return requireOrigin(url)
  if (config.workers_dev !== false) return `https://${config.name}.${subdomain}.workers.dev`
  throw new Error('The guestbook has no address. Set PUBLIC_URL in wrangler.toml.')
}

const noSubdomain = (
  accountId
) => `Your Cloudflare account has no workers.dev subdomain yet, so the guestbook would have no address.
Choose a subdomain at https://dash.cloudflare.com/${accountId}/workers/onboarding
Then run "npm run deploy" again. (With a custom domain, set workers_dev = false in wrangler.toml instead.)`

function requireOrigin(text) {
  const url = URL.parse(text)
  if (url?.protocol === 'https:' && url.href === `${url.origin}/`) return url.origin
  throw new Error(`The public address must look like https://guestbook.example.com, not "${text}".`)
}

/**
 * All Workers of an account that use the same number share a rate limit. A number derived from the Worker's name is
 * ours alone.
 */
export function namespaceId(worker, index) {
  const number = createHash('sha256').update(worker).digest().readUIntBE(0, 3)
  return String(number * 10 + index)
}
