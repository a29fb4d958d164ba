// The import page of the dashboard: reads a file here, in the browser, and sends its entries in parts.

const form = document.querySelector('#import')
const status = document.querySelector('#import-status')
const progress = document.querySelector('#import-progress')
const stop = document.querySelector('#import-stop')
const start = form.querySelector('button[type="submit"]')
const REASONS = JSON.parse(form.dataset.reasons)
const POLL_MS = 1_000

/** What was found in the file, or null. */
let found = null
let reading = 0
/** The import that runs, if the owner may stop it. */
let running = null
let isStopped = false

const number = (value) => value.toLocaleString('en')
const entries = (count) => `${number(count)} ${count === 1 ? 'entry' : 'entries'}`

function show(...children) {
  status.replaceChildren(...children)
}

/** @returns an element. Its content is text, or other elements */
function element(name, ...children) {
  const made = document.createElement(name)
  made.append(...children)
  return made
}

function fail(message) {
  const line = element('p', message)
  line.className = 'error'
  show(line)
}

function skippedList(skipped) {
  const reasons = Object.entries(skipped)
  if (reasons.length === 0) return []
  const items = reasons.map(([reason, count]) => element('li', `${REASONS[reason] ?? reason}: ${number(count)}`))
  return [element('p', 'Skipped:'), element('ul', ...items)]
}

/** Reads the file again whenever another file, format or book is chosen. */
async function read() {
  const turn = ++reading
  found = null
  start.disabled = true
  const [file] = form.file.files
  const html = form.html.value
  if (!file && html.trim() === '') return show()
  show(element('p', 'Reading the file …'))
  try {
    const { readFile, toPages } = await import('/import-reader.js')
    const bytes = file ? new Uint8Array(await file.arrayBuffer()) : new TextEncoder().encode(html)
    const format = file ? form.format.value || undefined : 'html'
    const markup = form.book.selectedOptions[0].dataset.markup === 'true'
    const result = await readFile(bytes, { format, markup, now: Date.now() })
    if (turn !== reading) return
    found = { ...result, pages: toPages(result.lines) }
    start.disabled = found.pages.length === 0
    const label = form.format.querySelector(`option[value="${found.format}"]`).textContent
    const none = found.pages.length === 0 ? ' Is this the right format?' : ''
    show(element('p', `${label}: ${entries(found.entries)} found.${none}`), ...skippedList(found.skipped))
  } catch (cause) {
    if (turn === reading) fail(cause.message)
  }
}

/** @throws Error with what the guestbook answered */
async function answerOf(response) {
  const type = response.headers.get('Content-Type') ?? ''
  if (response.redirected) throw new Error('Your session has ended. Log in again in another tab, then continue.')
  if (!type.includes('json')) throw new Error(`The server answered ${response.status}. Wait a minute, then try again.`)
  const body = await response.json()
  if (!response.ok) throw new Error(body.detail)
  return body
}

/** Sends one part, and waits until it is imported. @param onProgress gets how many of its bytes are read */
async function importPage(page, query, onProgress) {
  const headers = { 'Content-Type': 'application/x-ndjson' }
  running = await answerOf(await fetch(`/admin/moving/import?${query}`, { method: 'POST', headers, body: page }))
  if (isStopped) await cancel()
  for (; running.finished_at === null; onProgress(running.position)) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    running = await answerOf(await fetch(pathOf(running), { headers: { Accept: 'application/json' } }))
  }
  if (running.state === 'failed') throw new Error(running.error)
  // It can be canceled on its own page, too.
  if (running.state === 'canceled') isStopped = true
  return running
}

function cancel() {
  return fetch(`${pathOf(running)}/cancel`, { method: 'POST' })
}

const pathOf = ({ id }) => `/admin/moving/imports/${id}`

/** @returns the reports of all parts that were sent */
async function importAll({ format, pages }) {
  const query = new URLSearchParams({ format, book: form.book.value })
  for (const name of ['dry_run', 'webhooks']) if (form[name].checked) query.set(name, 'true')
  const reports = []
  let before = 0
  progress.max = pages.reduce((sum, page) => sum + page.length, 0)
  progress.value = 0
  for (const page of pages) {
    if (isStopped) break
    const part = pages.length > 1 ? ` part ${reports.length + 1} of ${pages.length}` : ''
    show(element('p', `Importing${part} … Keep this page open.`))
    reports.push(
      await importPage(page, query, (position) => {
        progress.value = before + position
      })
    )
    before += page.length
  }
  return reports
}

function showReports(reports) {
  const sum = (name) => reports.reduce((total, report) => total + report[name], 0)
  const skipped = {}
  for (const [reason, count] of reports.flatMap((report) => Object.entries(report.skipped)))
    skipped[reason] = (skipped[reason] ?? 0) + count
  const done = form.dry_run.checked ? 'Dry run, nothing was written: ' : isStopped ? 'Stopped: ' : 'Done: '
  const what = form.dry_run.checked ? 'would be imported' : 'imported'
  const links = reports.map((report, i) => {
    const link = element('a', reports.length === 1 ? 'Report' : `Report of part ${i + 1}`)
    link.href = pathOf(report)
    return element('p', link)
  })
  const line = `${done}${entries(sum('imported'))} ${what}, ${number(sum('replies'))} of them as replies.`
  show(element('p', line), ...skippedList(skipped), ...links)
}

function setRunning(isRunning) {
  for (const field of form.elements) field.disabled = isRunning
  start.hidden = isRunning
  stop.disabled = !isRunning
  stop.hidden = !isRunning
  progress.hidden = !isRunning
}

form.addEventListener('change', (event) => {
  if (!['dry_run', 'webhooks'].includes(event.target.name)) void read()
})

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  if (found === null) return
  isStopped = false
  setRunning(true)
  try {
    showReports(await importAll(found))
  } catch (cause) {
    fail(`${cause.message} You can start the import again: nothing is imported twice.`)
  } finally {
    running = null
    setRunning(false)
  }
})

stop.addEventListener('click', async () => {
  isStopped = true
  stop.disabled = true
  if (running) await cancel()
})

form.hidden = false
void read()
