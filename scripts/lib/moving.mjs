import { createHash, scryptSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readUrl, refuseLost } from './options.mjs'
import { detailOf, localToken, reasonOf } from './pull-client.mjs'

/*
 * What `npm run backup`, `npm run restore` and `npm run import` share. Secrets are sealed by the guestbook under a key
 * that is derived here from a passphrase. The passphrase never leaves this machine, and no secret arrives here
 * unsealed.
 */

/** The cost of guessing a passphrase: 128 MiB and about half a second for each guess. */
const SCRYPT = { N: 131_072, r: 8, p: 1 }
const KEY_BYTES = 32
const TIMEOUT_MS = 60_000
const ATTEMPTS = 5

/**
 * @param flags the options without a value
 * @returns the options and the file of the command line. Exits if they are wrong
 */
export function readCommand(usage, names, flags = []) {
  const texts = ['url', ...names].map((name) => [name, { type: 'string' }])
  const config = Object.fromEntries([...texts, ...flags.map((name) => [name, { type: 'boolean' }])])
  try {
    refuseLost(Object.keys(config))
    const { values, positionals } = parseArgs({ options: config, allowPositionals: true })
    if (positionals.length > 1) throw new Error(`Name one file, not ${positionals.length}: ${positionals.join(', ')}.`)
    const { url = 'http://localhost:8787' } = values
    return { ...values, url: readUrl('url', url).origin, file: positionals[0] }
  } catch (cause) {
    console.error(`${cause.message}\n\n${usage}`)
    return process.exit(2)
  }
}

/** @throws Error if there is no token */
export function ownerToken(url) {
  const token = process.env.GUESTHOOK_TOKEN ?? localToken(url)
  if (token) return token
  throw new Error('Set GUESTHOOK_TOKEN to the ADMIN_TOKEN of the guestbook.')
}

/**
 * @returns {string | null} the passphrase from a file or from GUESTHOOK_PASSPHRASE, or null if there is none
 * @throws Error if it is too short. An empty one was meant to be one: without it, a backup would have no secrets
 */
export function readPassphrase(file) {
  const given = file === undefined ? process.env.GUESTHOOK_PASSPHRASE : readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  if (given === undefined) return null
  if (given.length < 12) throw new Error('The passphrase is too short. Use at least 12 characters.')
  return given
}

/**
 * @param {{salt: string, N?: number, r?: number, p?: number}} seal from the first line of a backup
 * @returns {string} the key in base64
 */
export function deriveKey(passphrase, { salt, N = SCRYPT.N, r = SCRYPT.r, p = SCRYPT.p }) {
  // A file can be forged. These bounds keep it from using up the memory of this machine.
  if (![N, r, p].every(Number.isInteger) || N > 2 ** 20 || r > 16 || p > 4)
    throw new Error('The file names an unusual key.')
  const options = { N, r, p, maxmem: 256 * N * r }
  return scryptSync(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), KEY_BYTES, options).toString('base64')
}

/** @returns how the key of a new backup is made */
export function sealFor(salt) {
  return { kdf: 'scrypt', ...SCRYPT, salt }
}

/** @returns the same id for the same file, so that a restore that was interrupted goes on */
export function restoreId(header) {
  return createHash('sha256').update(header).digest('hex')
}

/**
 * Sends a request, again after an error that may pass.
 * @returns {Promise<string>} the body @throws Error with what the guestbook answered, and its `code`
 */
export async function send(url, path, { token, key, body }) {
  if (key && !isPrivate(url)) throw new Error('Use https:// to move secrets.')
  const headers = { Authorization: `Bearer ${token}`, ...(key && { 'X-Backup-Key': key }) }
  const init = { method: body === undefined ? 'GET' : 'POST', headers, ...(body !== undefined && { body }) }
  for (let attempt = 1; ; attempt++) {
    const { status, text } = await request(new URL(path, url), init)
    if (status >= 200 && status < 300) return text
    const mayPass = status === 0 || status === 429 || status >= 500
    const refusal = refusalOf(url, path, status, text)
    if (!mayPass || attempt === ATTEMPTS) throw refusal
    if (attempt === 1) console.error(`${refusal.message} Retrying …`)
    await new Promise((resolve) => setTimeout(resolve, 1_000 * 2 ** attempt))
  }
}

/** @returns the status, or 0 and the reason if the guestbook cannot be reached */
async function request(url, init) {
  try {
    // Following a redirect would take the token and the key to another server.
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (response.status >= 300 && response.status < 400)
      return {
        status: response.status,
        text: `It redirects to ${response.headers.get('Location')}. Use the URL of the guestbook itself.`,
      }
    return { status: response.status, text: await response.text() }
  } catch (cause) {
    return { status: 0, text: reasonOf(cause) }
  }
}

function isPrivate(url) {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

/** @returns an error with the `code` of the answer */
function refusalOf(url, path, status, text) {
  if (status === 0) return new Error(`Cannot reach the guestbook at ${url} (${text}).`)
  const { code } = readLine(text) ?? {}
  return Object.assign(new Error(`${path.split('?')[0]} answered ${status}: ${detailOf(text)}`), { code })
}

export function readLine(line) {
  try {
    return JSON.parse(line)
  } catch {
    // Not a line of a backup.
    return {}
  }
}

/**
 * @param {string[]} lines of a backup
 * @returns {number | null} the number of the first line of a book that does not come before it. A guestbook always has `main`
 */
export function findWithoutBook(lines) {
  const slugs = new Set(['main'])
  const at = lines.findIndex((line) => {
    const { type, slug, book } = readLine(line)
    if (type === 'book') slugs.add(slug)
    return ['entry', 'picture', 'webmention'].includes(type) && !slugs.has(book)
  })
  return at < 0 ? null : at + 1
}
