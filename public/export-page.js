// The export of the dashboard. It comes in parts, each of which names the next one. The file that is saved is whole.

const TRIES = 3
const link = document.querySelector('a[data-export]')
const status = document.querySelector('#export-status')
const number = (value) => value.toLocaleString('en')
let running = null

function fail(message, cause) {
  throw new Error(message, { cause })
}

async function get(url) {
  const response = await fetch(url, { signal: running.signal })
  // After the session expires, the request redirects to the login page.
  if (response.redirected) fail('You are no longer logged in.')
  if (!response.ok) fail(`The server answered ${response.status}.`)
  return response
}

/** @returns how many entries there are. Each answer counts some of them, and says where to go on */
async function countEntries() {
  let total = 0
  for (let after = ''; after !== null; ) {
    const { entries, next } = await (await get(`${link.dataset.export}?after=${encodeURIComponent(after)}`)).json()
    total += entries
    after = next
  }
  return total
}

const entriesIn = (lines) => lines.match(/^\{"type":"entry"/gm)?.length ?? 0

/** Reads a part while it arrives. @returns its lines without the last one, its number of entries, and its last line */
async function readPart(url, onEntries) {
  const reader = (await get(url)).body.pipeThrough(new TextDecoderStream()).getReader()
  const lines = []
  let entries = 0
  let rest = ''
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    rest += chunk.value
    const end = rest.lastIndexOf('\n', rest.length - 2) + 1
    const whole = rest.slice(0, end)
    // Browsers can keep a blob on the disk.
    lines.push(new Blob([whole]))
    entries += entriesIn(whole)
    rest = rest.slice(end)
    onEntries(entries)
  }
  const last = JSON.parse(rest)
  if (last.type !== 'next' && last.type !== 'end') fail('A part of the file is not complete.')
  return { lines, entries, last, text: rest }
}

/** Parts are read again after a failure, because a connection may break. */
async function readSafely(url, onEntries) {
  for (let i = 1; ; i++) {
    try {
      return await readPart(url, onEntries)
    } catch (cause) {
      if (i === TRIES || running.signal.aborted) throw cause
      await new Promise((resolve) => setTimeout(resolve, i * 1_000))
    }
  }
}

const named = () => `guestbook-all-${new Date().toISOString().slice(0, 10)}.ndjson`

function save(lines, name) {
  const file = document.createElement('a')
  file.href = URL.createObjectURL(new Blob(lines, { type: 'application/x-ndjson' }))
  file.download = name
  file.click()
  setTimeout(() => URL.revokeObjectURL(file.href), 60_000)
}

function showProgress() {
  const bar = document.createElement('progress')
  bar.setAttribute('aria-label', 'Export')
  const text = document.createElement('p')
  const stop = document.createElement('button')
  stop.type = 'button'
  stop.textContent = 'Stop'
  stop.addEventListener('click', () => running?.abort())
  status.replaceChildren(bar, text, stop)
  return (entries, total) => {
    bar.max = Math.max(total, 1)
    bar.value = entries
    text.textContent = `${number(entries)} of ${number(total)} entries read.`
  }
}

async function download() {
  const show = showProgress()
  const total = await countEntries()
  const lines = []
  let entries = 0
  for (let url = link.href; url; ) {
    const part = await readSafely(url, (some) => show(entries + some, Math.max(total, entries + some)))
    entries += part.entries
    lines.push(...part.lines)
    if (part.last.type === 'end') lines.push(part.text)
    url = part.last.url
  }
  const name = named()
  save(lines, name)
  status.textContent = `Done: ${name} has ${number(entries)} ${entries === 1 ? 'entry' : 'entries'}.`
}

link.addEventListener('click', async (event) => {
  event.preventDefault()
  if (running) return
  running = new AbortController()
  try {
    await download()
  } catch (cause) {
    const why = running.signal.aborted ? 'You stopped the export.' : `The export failed: ${cause.message}`
    status.textContent = `${why} No file was saved. You can start again.`
  } finally {
    running = null
  }
})
