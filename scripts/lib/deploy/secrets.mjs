import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../node.mjs'
import { ask } from './questions.mjs'

/** The secrets of a deployment. Each function returns why a value is refused, or null. */
export const SECRETS = { ADMIN_TOKEN: tokenFault, SECRETS_KEY: keyFault }

const MIN_TOKEN_LENGTH = 20
const KEY_BYTES = 32

export function tokenFault(token) {
  if (token.length < MIN_TOKEN_LENGTH) return `The admin token must have at least ${MIN_TOKEN_LENGTH} characters.`
  if (!/^[\x21-\x7e]+$/.test(token)) return 'The admin token may contain only visible ASCII characters.'
  return isPlaceholder(token) ? 'This admin token is a placeholder that everybody knows.' : null
}

export function keyFault(key) {
  const bytes = Buffer.from(key, 'base64')
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== key)
    return 'SECRETS_KEY must be 32 random bytes in base64. To generate a key: openssl rand -base64 32'
  return new Set(bytes).size < KEY_BYTES / 2 ? 'This SECRETS_KEY is a placeholder, not a random value.' : null
}

/** The Worker has the same lists: src/kit/lib/example-secret.ts. A test compares them. */
const STARTS = ['changeme', 'changethis', 'replaceme', 'replacethis', 'placeholder', 'youradmintoken', 'yoursecret']
const WORDS = ['admin', 'admintoken', 'example', 'password', 'secret', 'secretskey', 'test', 'todo', 'token', 'xxx']

export function isPlaceholder(value) {
  const word = value.toLowerCase().replace(/[^a-z0-9]/g, '')
  return WORDS.includes(word) || STARTS.some((start) => word.startsWith(start)) || /^(.)\1*$/.test(word)
}

const GENERATE = {
  ADMIN_TOKEN: () => randomBytes(24).toString('base64url'),
  SECRETS_KEY: () => randomBytes(KEY_BYTES).toString('base64'),
}

/** One file for each Worker, because two accounts can have Workers with the same name. Git ignores the folder. */
export function privateFile(worker, accountId) {
  return join(ROOT, '.deploy', `${worker}-${accountId}.json`)
}

/**
 * Chooses values for the secrets that the Worker lacks, and keeps them in a private file before anything is uploaded.
 * If an earlier run failed, nobody knows whether Cloudflare stored its secrets, so this run uses the same ones.
 * @param {Set<string>} existing the secrets that the Worker has. They are never changed
 * @param {boolean} canAsk false generates the admin token
 * @param {boolean} isRestored the database contains secrets, which need the SECRETS_KEY that encrypted them
 * @returns {Promise<Record<string, string>>} empty if the Worker has all secrets
 */
export async function chooseSecrets(file, existing, { canAsk, isRestored }) {
  const kept = readSecrets(file)
  const missing = {}
  // A killed upload leaves this file behind.
  rmSync(uploadOf(file), { force: true })
  for (const [name, faultOf] of Object.entries(SECRETS)) {
    if (existing.has(name)) continue
    if (isRestored && name === 'SECRETS_KEY' && !kept[name]) throw new Error(NEEDS_OLD_KEY)
    missing[name] = kept[name] ?? (await choose(name, canAsk))
    const fault = faultOf(missing[name])
    if (fault !== null) throw new Error(`${fault} It is in ${file}: change it there.`)
  }
  if (Object.keys(missing).length > 0) writeSecrets(file, { ...kept, ...missing })
  return missing
}

const NEEDS_OLD_KEY = `The database contains secrets, but the Worker has no SECRETS_KEY. A new key could not decrypt them.
Set the SECRETS_KEY that encrypted them: npx wrangler secret put SECRETS_KEY
If it is lost, set a new one (openssl rand -base64 32). Then every endpoint and source needs a new secret.`

async function choose(name, canAsk) {
  if (process.env.CI || process.env.WORKERS_CI) throw new Error(lostWithMachine(name))
  if (name !== 'ADMIN_TOKEN' || !canAsk) return GENERATE[name]()
  return ask('Choose an admin token, or press Enter to generate one:', (answer) => {
    const token = answer || GENERATE.ADMIN_TOKEN()
    const fault = tokenFault(token)
    if (fault !== null) throw new Error(fault)
    return token
  })
}

function lostWithMachine(name) {
  return `The Worker has no ${name}. It is not generated here, because it would be lost with the build machine.
Set it in the Cloudflare dashboard (Settings, then Variables and Secrets), or with "npx wrangler secret put ${name}".
To generate a value: openssl rand -base64 32`
}

function readSecrets(file) {
  if (!existsSync(file)) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Error(`${file} contains your secrets, but cannot be read: ${cause.message}.`)
  }
}

/** Replaces the file at once, so that a crash leaves the old one or the new one. Only its owner can read it. */
function writeSecrets(file, secrets) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const next = `${file}.new`
  rmSync(next, { force: true })
  writeFileSync(next, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  renameSync(next, file)
}

/** Gives wrangler a file with the missing secrets alone, because it would replace the others. */
export function withUpload(file, missing, use) {
  const upload = uploadOf(file)
  try {
    writeSecrets(upload, missing)
    use(upload)
  } finally {
    rmSync(upload, { force: true })
  }
}

function uploadOf(file) {
  return `${file}.upload`
}
