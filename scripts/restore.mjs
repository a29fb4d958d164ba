// npm run restore: restores a backup into a new guestbook.
//   GUESTHOOK_TOKEN=... npm run restore -- --url https://guestbook.example.com backup.ndjson
import { readFileSync } from 'node:fs'
import {
  deriveKey,
  findWithoutBook,
  ownerToken,
  readCommand,
  readLine,
  readPassphrase,
  restoreId,
  send,
} from './lib/moving.mjs'

const USAGE = `Usage: npm run restore -- --url <guestbook> <file>

  --url              the new guestbook's URL (default: http://localhost:8787). It must be empty.
  --passphrase-file  a file with the passphrase of the backup, if the backup has secrets

  The admin token is taken from GUESTHOOK_TOKEN or, for a guestbook on this machine, from .dev.vars.
  The passphrase can also be in GUESTHOOK_PASSPHRASE. If a restore was interrupted, run it again: it goes on.`

const WITHOUT_SECRETS = `The backup has no secrets. Each endpoint has a new signing secret, and no custom headers. Each source has a new URL,
and no secret to verify webhooks with. Set them in the dashboard.`

const MAX_LINES = 300
const MAX_BYTES = 600_000

const { url, file, 'passphrase-file': passphraseFile } = readCommand(USAGE, ['passphrase-file'])
if (!file) {
  console.error(USAGE)
  process.exit(2)
}

try {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const { type, seal } = readLine(lines[0])
  if (type !== 'guesthook.export') throw new Error(`${file} is not a backup of a guestbook.`)
  if (readLine(lines.at(-1)).type !== 'end') throw new Error(`${file} is not complete: its last lines are missing.`)
  const passphrase = readPassphrase(passphraseFile)
  if (seal && !passphrase) throw new Error('The backup has secrets. Give its passphrase with --passphrase-file.')
  await restore(lines, { token: ownerToken(url), key: seal ? deriveKey(passphrase, seal) : null })
} catch (cause) {
  console.error(cause.message)
  process.exit(1)
}

async function restore(lines, access) {
  const id = restoreId(lines[0])
  // Nothing is written unless every line of the file is valid. Only the whole file shows whether a book is missing.
  const lost = findWithoutBook(lines)
  if (lost !== null) throw new Error(`Line ${lost} cannot be restored: there is no such book.`)
  await sendAll(lines, `/api/restore?id=${id}&check=true`, access)
  const total = {}
  for (const text of await sendAll(lines, `/api/restore?id=${id}`, access)) {
    const { restored } = JSON.parse(text)
    for (const [name, count] of Object.entries(restored)) total[name] = (total[name] ?? 0) + count
  }
  const shown = Object.entries(total).map(
    ([name, count]) => `${count} ${name.replace('_', ' ')}${count === 1 ? '' : 's'}`
  )
  console.log(`Restored: ${shown.join(', ')}.`.replace('entrys', 'entries'))
  if (!access.key) console.log(WITHOUT_SECRETS)
}

/** @returns the responses. @throws Error with the number of the line in the file, if the guestbook refuses a line */
async function sendAll(lines, path, access) {
  const responses = []
  let before = 0
  for (const body of parts(lines)) {
    try {
      responses.push(await send(url, path, { ...access, body }))
    } catch (cause) {
      throw new Error(cause.message.replace(/\bLine (\d+)/, (_, number) => `Line ${before + Number(number)}`))
    }
    before += body.split('\n').length
  }
  return responses
}

/**
 * Lines of the signing keys stay together, because the guestbook replaces its own keys with them. The last line is sent
 * alone: if its response is lost, it can be sent again although the restore is done.
 */
function* parts(lines) {
  let some = []
  let size = 0
  for (const line of lines) {
    const isFull = some.length >= MAX_LINES || size + line.length * 3 > MAX_BYTES
    const isLast = line.startsWith('{"type":"end"')
    if (some.length > 0 && (isLast || (isFull && !line.startsWith('{"type":"signing_key"')))) {
      yield some.join('\n')
      some = []
      size = 0
    }
    some.push(line)
    size += Buffer.byteLength(line) + 1
  }
  if (some.length > 0) yield some.join('\n')
}
