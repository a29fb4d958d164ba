// The import page of the dashboard: reads a file here, in the browser, and sends its entries in parts.

const form = document.querySelector('#import')
const status = document.querySelector('#import-status')
const progress = document.querySelector('#import-progress')
const stop = document.querySelector('#import-stop')
const start = form.querySelector('button[type="submit"]')
const POLL_MS = 1_000

/** How many entries a preview has, and the length of their texts in it. */
const PREVIEWED = 5
const PREVIEW_MAX = 160
const STATUS_WORDS = { held: 'waiting', hidden: 'hidden', spam: 'spam' }

/** Why records are skipped, as the pages of the dashboard say it. */
const SKIPPED = JSON.parse(status.dataset.skipped)

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
  const items = reasons.map(([reason, count]) => element('li', `${SKIPPED[reason] ?? reason}: ${number(count)}`))
  return [element('p', 'Skipped:'), element('ul', ...items)]
}

/** @returns a cell of the preview */
function cell(...children) {
  return element('td', ...children)
}

/** @returns who wrote an entry, when, and how its text begins */
function previewRow({ name, created_at, body = '', status = 'published', is_private, by_owner, reply }) {
  const time = element(
    'time',
    String(created_at ?? '')
      .slice(0, 16)
      .replace('T', ' ')
  )
  if (created_at) time.dateTime = created_at
  const notes = [is_private ? 'private' : STATUS_WORDS[status], by_owner && 'by you', reply && 'with a reply']
  const text = [...body].length > PREVIEW_MAX ? `${[...body].slice(0, PREVIEW_MAX).join('')}…` : body
  const who = element('bdi', name || 'Anonymous')
  const what = element('bdi', text)
  const note = element(
    'small',
    notes
      .filter(Boolean)
      .map((one) => ` (${one})`)
      .join('')
  )
  const said = cell(what)
  said.className = 'wide'
  return element('tr', cell(who, note), cell(time), said)
}

/** @param skipped positions in the file of records that are known not to be imported @returns the first entries */
function preview(skipped = new Set()) {
  const rows = []
  for (const line of found.lines) {
    if (rows.length === PREVIEWED) break
    const entry = JSON.parse(line)
    if (entry.type === 'entry' && !skipped.has(entry.position)) rows.push(previewRow(entry))
  }
  if (rows.length === 0) return []
  const heads = ['Who', 'When', 'Text'].map((head) => element('th', head))
  const table = element('table', element('thead', element('tr', ...heads)), element('tbody', ...rows))
  return [element('p', 'The first entries:'), table]
}

/** Reads the file again whenever another file, format or book is chosen, or the pasted page changes. */
async function read() {
  const turn = ++reading
  found = null
  start.disabled = true
  start.classList.add('primary')
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
    const none = found.pages.length === 0 && !found.advice ? ' Is this the right format?' : ''
    const advice = found.advice ? [element('p', found.advice)] : []
    const line = element('p', `${label}: ${entries(found.entries)} found.${none}`)
    show(line, ...advice, ...skippedList(found.skipped), ...preview())
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
async function importAll({ format, pages }, isDry) {
  const query = new URLSearchParams({ format, book: form.book.value, dry_run: isDry })
  if (form.webhooks.checked) query.set('webhooks', 'true')
  const reports = []
  let before = 0
  progress.max = pages.reduce((sum, page) => sum + page.length, 0)
  progress.value = 0
  for (const page of pages) {
    if (isStopped) break
    const part = pages.length > 1 ? ` part ${reports.length + 1} of ${pages.length}` : ''
    show(element('p', `${isDry ? 'Checking' : 'Importing'}${part} … Keep this page open.`))
    reports.push(
      await importPage(page, query, (position) => {
        progress.value = before + position
      })
    )
    before += page.length
  }
  return reports
}

/** After a dry run, one button imports what was checked: the page still has the file. */
function showReports(reports, isDry) {
  // The list of imports, which is not loaded again, is no longer empty.
  document.querySelector('.empty')?.closest('section')?.remove()
  const sum = (name) => reports.reduce((total, report) => total + report[name], 0)
  const skipped = {}
  for (const [reason, count] of reports.flatMap((report) => Object.entries(report.skipped)))
    skipped[reason] = (skipped[reason] ?? 0) + count
  const [imported, replies] = [sum('imported'), sum('replies')]
  const done = isStopped ? 'Stopped: ' : isDry ? 'Dry run, nothing was written: ' : 'Done: '
  const what = isDry ? 'would be imported' : 'imported'
  const links = reports.map((report, i) => {
    const link = element('a', reports.length === 1 ? 'Report' : `Report of part ${i + 1}`)
    link.href = pathOf(report)
    return element('p', link)
  })
  const of = replies > 0 ? `, ${number(replies)} of them as replies` : ''
  const line = element('p', `${done}${entries(imported)} ${what}${of}.`)
  // A report lists only the first of those that were skipped.
  const examples = reports.flatMap((report) => report.examples)
  const isListed = examples.length === Object.values(skipped).reduce((total, count) => total + count, 0)
  const positions = new Set(examples.map(({ position }) => position))
  const next = imported === 0 || isStopped ? [] : isDry ? importThese(imported) : [seeEntries()]
  show(
    line,
    ...skippedList(skipped),
    ...(isDry && imported > 0 && isListed ? preview(positions) : []),
    ...next,
    ...links
  )
  const button = status.querySelector('button')
  start.classList.toggle('primary', button === null)
  button?.focus()
}

function importThese(count) {
  const button = element('button', count === 1 ? 'Import this entry' : `Import these ${entries(count)}`)
  button.type = 'button'
  button.className = 'primary'
  button.addEventListener('click', () => run(false))
  return [element('p', button)]
}

function seeEntries() {
  const link = element('a', 'See the entries')
  link.href = `/admin/comments?${new URLSearchParams({ status: 'published', book: form.book.value })}`
  return element('p', link)
}

function setRunning(isRunning) {
  for (const field of form.elements) field.disabled = isRunning
  start.hidden = isRunning
  stop.disabled = !isRunning
  stop.hidden = !isRunning
  progress.hidden = !isRunning
}

async function run(isDry) {
  isStopped = false
  setRunning(true)
  try {
    showReports(await importAll(found, isDry), isDry)
  } catch (cause) {
    fail(`${cause.message} You can start the import again: nothing is imported twice.`)
  } finally {
    running = null
    setRunning(false)
  }
}

function nameButton() {
  start.textContent = form.dry_run.checked ? 'Start dry run' : 'Start import'
}

form.addEventListener('change', (event) => {
  nameButton()
  if (!['dry_run', 'webhooks', 'html'].includes(event.target.name)) void read()
})

// A click on the button would come too late: the text "changes" only when the cursor leaves it.
form.html.addEventListener('input', read)

form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (found !== null) void run(form.dry_run.checked)
})

stop.addEventListener('click', async () => {
  isStopped = true
  stop.disabled = true
  if (running) await cancel()
})

form.hidden = false
nameButton()
void read()
