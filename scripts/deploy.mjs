// npm run deploy: creates missing resources in the logged-in Cloudflare account, applies migrations, and deploys.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { runNode, startNode, toolPath } from './lib/node.mjs'

const WRANGLER = toolPath('wrangler/bin/wrangler.js')
const DATABASE = 'guesthook'
const QUEUES = ['guesthook-fresh', 'guesthook-patient', 'guesthook-inbound']
const MIN_TOKEN_LENGTH = 20

/** Runs wrangler and shows its output. @throws Error if it fails */
function wrangler(...args) {
  if (runNode([WRANGLER, ...args]) !== 0) throw new Error(`"wrangler ${args.join(' ')}" failed.`)
}

/**
 * Runs wrangler and captures its output.
 * @returns {Promise<string | null>} the output, or null if the resource does not exist
 * @throws Error for any other failure. An expired login must not look like missing secrets, because then the existing
 *   key would be replaced.
 */
async function readWrangler(...args) {
  const child = startNode([WRANGLER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [output, errors] = ['', '']
  child.stdout.on('data', (text) => {
    output += text
  })
  child.stderr.on('data', (text) => {
    errors += text
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code === 0) return output
  if (/not found|does not exist|couldn't find|10007/i.test(output + errors)) return null
  throw new Error(`"wrangler ${args.join(' ')}" failed:\n${output}${errors}`)
}

async function createMissingResources() {
  if ((await readWrangler('d1', 'info', DATABASE)) === null) wrangler('d1', 'create', DATABASE)
  for (const queue of QUEUES) {
    if ((await readWrangler('queues', 'info', queue)) === null) wrangler('queues', 'create', queue)
  }
}

/** @returns values for the secrets that the Worker does not yet have. Existing secrets are never changed. */
async function missingSecrets() {
  const listed = JSON.parse((await readWrangler('secret', 'list', '--format', 'json')) ?? '[]')
  const existing = new Set(listed.map(({ name }) => name))
  const secrets = {}
  if (!existing.has('SECRETS_KEY')) {
    secrets.SECRETS_KEY = randomBytes(32).toString('base64')
    console.log(`\n  Your SECRETS_KEY (shown only now; keep a copy): ${secrets.SECRETS_KEY}\n`)
  }
  if (!existing.has('ADMIN_TOKEN')) secrets.ADMIN_TOKEN = await askForToken()
  return secrets
}

async function askForToken() {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const question = `Choose an admin token of at least ${MIN_TOKEN_LENGTH} characters, or press Enter to generate one: `
  const given = (await terminal.question(question)).trim()
  terminal.close()
  if (given.length >= MIN_TOKEN_LENGTH) return given
  if (given !== '')
    throw new Error(`The admin token must have at least ${MIN_TOKEN_LENGTH} characters. Run npm run deploy again.`)
  const token = randomBytes(24).toString('base64url')
  console.log(`\n  Your admin token (shown only now): ${token}\n`)
  return token
}

function deploy(secrets) {
  if (Object.keys(secrets).length === 0) return wrangler('deploy')
  const folder = mkdtempSync(join(tmpdir(), 'guesthook-'))
  const file = join(folder, 'secrets.json')
  try {
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
    wrangler('deploy', '--secrets-file', file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await import('./build/vendor.mjs')
wrangler('whoami')
await createMissingResources()
const secrets = await missingSecrets()
wrangler('d1', 'migrations', 'apply', 'DB', '--remote')
deploy(secrets)
