// npm run deploy: creates what is missing on the account that wrangler is logged in to, migrates, deploys.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { runNode, startNode, toolPath } from './lib/node.mjs'

const WRANGLER = toolPath('wrangler/bin/wrangler.js')
const DATABASE = 'guesthook'
const QUEUES = ['guesthook-fresh', 'guesthook-patient', 'guesthook-inbound']

/** Runs wrangler in view; a failure ends the deployment. */
function must(...args) {
  if (runNode([WRANGLER, ...args]) !== 0) throw new Error(`"wrangler ${args.join(' ')}" failed.`)
}

/**
 * @returns what wrangler prints, or null when it says that there is no such thing
 * @throws Error for every other failure: an expired login must never look like "no secrets yet", and cost the old key
 */
async function ask(...args) {
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

async function createMissing() {
  if ((await ask('d1', 'info', DATABASE)) === null) must('d1', 'create', DATABASE)
  for (const queue of QUEUES) {
    if ((await ask('queues', 'info', queue)) === null) must('queues', 'create', queue)
  }
}

/** What the Worker needs and does not have yet. Asked for, or made; a secret that is there is never touched. */
async function missingSecrets() {
  const listed = JSON.parse((await ask('secret', 'list', '--format', 'json')) ?? '[]')
  const there = new Set(listed.map(({ name }) => name))
  const secrets = {}
  if (!there.has('SECRETS_KEY')) {
    secrets.SECRETS_KEY = randomBytes(32).toString('base64')
    console.log(`\n  Your SECRETS_KEY, shown this once; keep a copy: ${secrets.SECRETS_KEY}\n`)
  }
  if (!there.has('ADMIN_TOKEN')) secrets.ADMIN_TOKEN = await askForToken()
  return secrets
}

async function askForToken() {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const given = await terminal.question('Admin token (20 characters or more; empty makes one): ')
  terminal.close()
  if (given.trim().length >= 20) return given.trim()
  if (given.trim() !== '') throw new Error('That token is too short to keep anybody out.')
  const token = randomBytes(24).toString('base64url')
  console.log(`\n  Your admin token, shown this once: ${token}\n`)
  return token
}

function deploy(secrets) {
  if (Object.keys(secrets).length === 0) return must('deploy')
  const folder = mkdtempSync(join(tmpdir(), 'guesthook-'))
  const file = join(folder, 'secrets.json')
  try {
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
    must('deploy', '--secrets-file', file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await import('./build/vendor.mjs')
must('whoami')
await createMissing()
const secrets = await missingSecrets()
must('d1', 'migrations', 'apply', 'DB', '--remote')
deploy(secrets)
