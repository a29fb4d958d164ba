// npm run import: imports entries from a file of another guestbook or comment system.
//   GUESTHOOK_TOKEN=... npm run import -- --url https://guestbook.example.com --dry-run comments.xml
import { readFileSync } from 'node:fs'
import { readFile, toPages } from '../public/import-reader.js'
import { ownerToken, readCommand, send } from './lib/moving.mjs'

const USAGE = `Usage: npm run import -- --url <guestbook> [--book <slug>] <file>

  --url       the guestbook's URL (default: http://localhost:8787)
  --book      the slug of the book that gets the entries (default: main)
  --format    the system that wrote the file, if it is not recognized: disqus, wordpress, isso, remark42, artalk,
              waline, cusdis, commento, staticman, csv, guesthook or html
  --dry-run   writes nothing, and shows what would be imported
  --webhooks  publishes comment.published for each entry that appears

  The file is read on this machine. Only its entries are sent, without the fields for mail and IP addresses.
  The admin token is taken from GUESTHOOK_TOKEN or, for a guestbook on this machine, from .dev.vars.
  Nothing is imported twice: if an import was interrupted, run it again.`

const POLL_MS = 1_000

const { url, file, book = 'main', format, ...flags } = readCommand(USAGE, ['book', 'format'], ['dry-run', 'webhooks'])
if (!file) {
  console.error(USAGE)
  process.exit(2)
}

try {
  const access = { token: ownerToken(url) }
  const { markup } = JSON.parse(await send(url, `/api/books/${encodeURIComponent(book)}`, access))
  const read = await readFile(new Uint8Array(readFileSync(file)), { format, markup, now: Date.now() })
  console.log(`${file} (${read.format}): ${countOf(read.entries)}.${listSkipped(read.skipped)}`)
  if (read.advice) console.log(read.advice)
  const reports = await importAll(read, access)
  const sum = (name) => reports.reduce((total, report) => total + report[name], 0)
  const done = flags['dry-run'] ? 'Dry run: would import' : 'Imported'
  const skipped = {}
  for (const [reason, count] of reports.flatMap((report) => Object.entries(report.skipped)))
    skipped[reason] = (skipped[reason] ?? 0) + count
  console.log(`${done} ${countOf(sum('imported'))}, ${sum('replies')} of them as replies.${listSkipped(skipped)}`)
} catch (cause) {
  console.error(cause.message)
  process.exit(1)
}

function countOf(entries) {
  return `${entries} ${entries === 1 ? 'entry' : 'entries'}`
}

function listSkipped(skipped) {
  const counts = Object.entries(skipped).map(([reason, count]) => `${reason} ${count}`)
  return counts.length === 0 ? '' : ` Skipped: ${counts.join(', ')}.`
}

/** @returns the reports of all parts @throws Error if a part is refused or fails */
async function importAll({ format, lines }, access) {
  const query = new URLSearchParams({ format, book })
  if (flags['dry-run']) query.set('dry_run', 'true')
  if (flags.webhooks) query.set('webhooks', 'true')
  const pages = toPages(lines)
  const reports = []
  for (const [i, body] of pages.entries()) {
    if (pages.length > 1) console.log(`Part ${i + 1} of ${pages.length} …`)
    reports.push(await importPage(body, `/api/import?${query}`, access))
  }
  return reports
}

async function importPage(body, path, access) {
  const started = JSON.parse(await sendFirst(body, path, access))
  const report = await waitFor(started, access)
  if (report.state !== 'done') throw new Error(report.error ?? `The import was ${report.state}.`)
  return report
}

/** If another import runs, waits for it: it can be this one, if the answer to the first attempt was lost. */
async function sendFirst(body, path, access) {
  try {
    return await send(url, path, { ...access, body })
  } catch (cause) {
    if (cause.code !== 'import_running') throw cause
    console.log('Another import is running. Waiting until it ends …')
    const { data } = JSON.parse(await send(url, '/api/import?limit=1', access))
    if (data[0]) await waitFor(data[0], access)
    return sendFirst(body, path, access)
  }
}

async function waitFor(started, access) {
  for (let report = started; ; report = JSON.parse(await send(url, `/api/import/${started.id}`, access))) {
    if (report.finished_at !== null) return report
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
