// npm run backup: writes everything that a guestbook knows into one file.
//   GUESTHOOK_TOKEN=... npm run backup -- --url https://guestbook.example.com backup.ndjson
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { deriveKey, ownerToken, readCommand, readLine, readPassphrase, sealFor, send } from './lib/moving.mjs'

const USAGE = `Usage: npm run backup -- --url <guestbook> <file>

  --url              the guestbook's URL (default: http://localhost:8787)
  --passphrase-file  a file with a passphrase. Secrets are added to the backup, sealed with it.
  --include log      adds messages, deliveries and inbound messages, for reading only

  The admin token is taken from GUESTHOOK_TOKEN or, for a guestbook on this machine, from .dev.vars.
  The passphrase can also be in GUESTHOOK_PASSPHRASE. Without a passphrase, the backup has no secrets.`

const { url, file, include, 'passphrase-file': passphraseFile } = readCommand(USAGE, ['passphrase-file', 'include'])
if (!file || (include ?? 'log') !== 'log') {
  console.error(USAGE)
  process.exit(2)
}

const part = `${file}.part`
try {
  refuseOther()
  const passphrase = readPassphrase(passphraseFile)
  const seal = passphrase && sealFor(randomBytes(16).toString('base64'))
  const count = await write({ token: ownerToken(url), key: seal && deriveKey(passphrase, seal) }, seal)
  renameSync(part, file)
  console.log(`${file}: ${count} lines${seal ? ', with sealed secrets' : ', without secrets'}.`)
} catch (cause) {
  rmSync(part, { force: true })
  console.error(cause.message)
  process.exit(1)
}

/** An earlier backup may be replaced. Anything else may be a file that another option should have named. */
function refuseOther() {
  const first = existsSync(file) ? firstLine() : ''
  if (first === '' || readLine(first)?.type === 'guesthook.export') return
  throw new Error(`${file} exists, and is not a backup. Choose another name.`)
}

/** The file may be larger than a string can be. */
function firstLine() {
  const [bytes, input] = [Buffer.alloc(64 * 1_024), openSync(file, 'r')]
  try {
    return bytes.toString('utf8', 0, readSync(input, bytes)).split('\n', 1)[0]
  } finally {
    closeSync(input)
  }
}

/** Only the owner of the file can read it: it contains names, texts and the addresses of receivers. */
async function write(access, seal) {
  const output = openSync(part, 'w', 0o600)
  try {
    let count = 0
    for (let cursor = ''; cursor !== null; ) {
      const query = new URLSearchParams({ ...(cursor && { cursor }), ...(include && { include }) })
      const lines = (await send(url, `/api/export?${query}`, access)).trimEnd().split('\n')
      const { type, cursor: next } = JSON.parse(lines.at(-1))
      if (type !== 'next' && type !== 'end') throw new Error('The export is not complete. Try again.')
      if (type === 'next') lines.pop()
      const lost = lines.map((line) => JSON.parse(line)).filter(({ secrets }) => secrets === null)
      for (const { id, kid } of lost)
        console.error(`The secrets of ${id ?? kid} cannot be read. They are not in the backup.`)
      if (count === 0) lines[0] = JSON.stringify({ ...JSON.parse(lines[0]), seal })
      writeSync(output, lines.map((line) => `${line}\n`).join(''))
      count += lines.length
      cursor = type === 'next' ? next : null
    }
    return count
  } finally {
    closeSync(output)
  }
}
