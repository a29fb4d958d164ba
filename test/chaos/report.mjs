/** The counts that must be zero for every receiver. */
const FAULTS = ['lost', 'unsettled', 'wrongSignatures', 'wrongBodies']
/** The maximum number of undelivered messages to print. */
const EXAMPLES = 3
const COLUMNS = ['expected', ...FAULTS, 'duplicates', 'requests']

/** @returns {boolean} true if there are no faults */
export function isClean({ strayComments, wrongMessages, receivers }) {
  const faults = receivers.flatMap((receiver) => FAULTS.map((fault) => receiver[fault]))
  return [strayComments, wrongMessages, ...faults].every((count) => count === 0)
}

export function printVerdict(verdict, { plan, kills, answers, selected, tookMs }) {
  const all = { name: 'all' }
  for (const column of COLUMNS) all[column] = verdict.receivers.reduce((sum, receiver) => sum + receiver[column], 0)
  const rows = [...verdict.receivers, all].map((row) => [row.name, ...COLUMNS.map((c) => row[c])])
  console.log(`\n${toTable(['receiver', ...COLUMNS.map(toWords)], rows)}\n`)
  const facts = {
    seed: plan.seed,
    comments: answers.length,
    kills,
    'comments retried after a kill': answers.filter(({ tries }) => tries > 1).length,
    selections: selected.length,
    'selections that took a job': selected.filter(({ body }) => body.job !== null).length,
    'lost responses repeated': answers.filter(({ isRepeat }) => isRepeat).length,
    'duplicate or missing comments': verdict.strayComments,
    'duplicate, missing or wrong messages': verdict.wrongMessages,
    seconds: Math.round(tookMs / 1_000),
  }
  for (const [name, value] of Object.entries(facts)) console.log(`${name.padEnd(38)}${value}`)
  for (const message of verdict.undelivered.slice(0, EXAMPLES)) console.log(JSON.stringify(message, null, 2))
  console.log(isClean(verdict) ? '\nNothing was lost.' : '\nErrors were found: see the table.')
}

function toWords(name) {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** @returns a Markdown table that can be copied into a document */
function toTable(head, rows) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => String(row[i]).length)))
  const line = (cells) =>
    `| ${cells.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join(' | ')} |`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}
