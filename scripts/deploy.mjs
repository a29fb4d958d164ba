// npm run deploy: creates what is missing in your Cloudflare account, applies migrations, and deploys the Worker.
import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig, writeConfig } from './lib/config.mjs'
import { openAccount } from './lib/deploy/account.mjs'
import { findPublicUrl, inspect, namespaceId, needsOldKey, queueNames, refuseForeign } from './lib/deploy/inspect.mjs'
import { ask } from './lib/deploy/questions.mjs'
import { chooseSecrets, privateFile, withUpload } from './lib/deploy/secrets.mjs'
import { runWrangler } from './lib/deploy/wrangler.mjs'
import { applyMigrations } from './lib/edited-migrations.mjs'
import { ROOT } from './lib/node.mjs'
import { refuseLost } from './lib/options.mjs'

const USAGE = `Usage: npm run deploy -- [options]

  --yes         ask nothing: generate an admin token, and put the database near this computer
  --location    where the database is created: weur, eeur (Europe), apac (Asia), oc (Oceania), wnam, enam (America)
  --public-url  the address of the guestbook (default: the custom domain in wrangler.toml, or workers.dev)

The admin token and SECRETS_KEY are kept in the folder .deploy, which git ignores.
Set CLOUDFLARE_ACCOUNT_ID to choose an account, and CLOUDFLARE_API_TOKEN to deploy without "wrangler login".`

const CONTINUE = 'Run "npm run deploy" again. It continues where it stopped, with the same secrets.'

const LOCATIONS = ['weur', 'eeur', 'apac', 'oc', 'wnam', 'enam']

const options = readOptions()
/** Nobody can answer questions on a build machine. */
const canAsk = !(options.yes || process.env.CI || process.env.WORKERS_CI)
let isChanging = false

try {
  await deploy()
} catch (cause) {
  console.error(`\n${cause.message}`)
  console.error(`\n${isChanging ? CONTINUE : 'Nothing was changed in your Cloudflare account.'}`)
  process.exit(cause.exitCode ?? 1)
}

function readOptions() {
  const names = { yes: 'boolean', help: 'boolean', location: 'string', 'public-url': 'string' }
  const config = Object.fromEntries(Object.entries(names).map(([name, type]) => [name, { type }]))
  try {
    // npm has options of its own with the other names.
    refuseLost(['public-url'])
    const { values } = parseArgs({ options: config })
    if (values.location) requireLocation(values.location)
    if (!values.help) return values
    console.log(USAGE)
    return process.exit(0)
  } catch (cause) {
    console.error(`${cause.message}\n\n${USAGE}`)
    return process.exit(2)
  }
}

function requireLocation(text) {
  if (LOCATIONS.includes(text)) return text
  throw new Error(`The location must be one of ${LOCATIONS.join(', ')}.`)
}

/** Reads and asks everything first. Only then does it change the account. */
async function deploy() {
  const config = readConfig()
  // Workers Builds deploys to the Worker that it was set up for, whatever its name in wrangler.toml.
  config.name = process.env.WRANGLER_CI_OVERRIDE_NAME || config.name
  const account = await openAccount(config)
  const found = await inspect(account, config)
  await refuseForeign(account, config, found)
  const url = findPublicUrl(options, config, found, account.id)
  const location = found.database ? null : await chooseLocation()
  const file = privateFile(config.name, account.id)
  const isRestored = await needsOldKey(account, found)
  const secrets = await chooseSecrets(file, found.secretNames, { canAsk, isRestored })
  console.log(`\nDeploying "${config.name}" to the account "${account.name}", at ${url}`)
  isChanging = true
  const made = await createMissing(account, config, found, location)
  config.d1_databases[0].database_id = made.databaseId
  upload(account, config, url, { file, secrets })
  report({ url, file, secrets, made: made.names })
}

async function chooseLocation() {
  if (options.location || !canAsk) return options.location ?? null
  const question = `Where are most visitors? Enter ${LOCATIONS.join(', ')}, or press Enter for a place near you:`
  return ask(question, (answer) => (answer ? requireLocation(answer) : null))
}

/** @returns the ID of the database, and what was created, for the report */
async function createMissing(account, config, { database, queues }, location) {
  const names = []
  const { database_name: name } = config.d1_databases[0]
  if (!database) names.push(`the database ${name}${location ? ` (${location})` : ''}`)
  const { uuid } = database ?? (await createDatabase(account, name, location))
  for (const queue of queueNames(config).filter((queue) => !queues.has(queue))) {
    await account.call('POST', '/queues', { queue_name: queue })
    names.push(`the queue ${queue}`)
  }
  return { databaseId: uuid, names }
}

function createDatabase(account, name, location) {
  return account.call('POST', '/d1/database', { name, ...(location && { primary_location_hint: location }) })
}

/** Migrates first. Migrations only add, so the old Worker keeps working, and the new one never sees an old schema. */
function upload(account, config, url, { file, secrets }) {
  config.vars.PUBLIC_URL = url
  for (const [i, limit] of config.ratelimits.entries()) limit.namespace_id = namespaceId(config.name, i)
  const configFile = join(ROOT, `.wrangler-deploy-${process.pid}.json`)
  try {
    writeConfig(configFile, config)
    applyMigrations(['--remote', '--config', configFile], { env: account.env })
    const deployment = ['deploy', '--config', configFile]
    if (Object.keys(secrets).length === 0) return runWrangler(deployment, account.env)
    withUpload(file, secrets, (path) => runWrangler([...deployment, '--secrets-file', path], account.env))
  } finally {
    rmSync(configFile, { force: true })
  }
}

function report({ url, file, secrets, made }) {
  const isNew = Object.keys(secrets).length > 0
  const created = [...made, ...Object.keys(secrets)].join(', ')
  console.log(`
The guestbook is deployed: ${url}
Created: ${created || 'nothing, because everything existed'}
${isNew ? keepSecrets(relative(ROOT, file)) : 'The secrets were not changed.'}

Next:
  1. Open ${url}/healthz. It says {"status":"ok"}. A new address can take a few minutes.
  2. Open ${url}/admin, and log in with the admin token.
  3. Sign the guestbook, and register an endpoint.
To upgrade, back up and rotate keys, see docs/operating.md.`)
}

function keepSecrets(file) {
  return `
Your secrets are in ${file}. Copy them to a password manager, then delete the file.
Cloudflare does not show them again, and without SECRETS_KEY the secrets in a copy of the database are lost.`
}
