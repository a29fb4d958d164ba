// npm test: runs all tests, even from a fresh clone. Without Chromium, the browser tests are skipped, unless
// REQUIRE_BROWSER=1 is set, as in CI. With arguments, which are passed to vitest, the end-to-end tests are skipped.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumPath } from './lib/chromium.mjs'
import { ensureInstalled, startNode, toolEnv, toolPath } from './lib/node.mjs'

ensureInstalled()
const { ensureDevVars } = await import('./lib/dev-vars.mjs')
ensureDevVars()

const MEMORY = '/dev/shm'
const NEEDED_BYTES = 2_000_000_000

const folder = folderInMemory() ?? tmpdir()
removeAbandoned()
const results = join(folder, `guesthook-test-${process.pid}`)
mkdirSync(results)
// The databases of the tests are in there, too.
process.env.TMPDIR = results
// Wrangler is started about a hundred times.
process.env.NODE_COMPILE_CACHE = join(results, 'compiled')
const chosen = process.argv.slice(2)
// Both at once: each alone waits often, and leaves a part of two cores idle.
const browser = chosen.length === 0 ? startPlaywright() : null
const codes = [await runVitest(), (await browser?.end()) ?? 0]
const { passed, failed } = count()
for (const name of failures()) console.log(`FAILED  ${name}`)
rmSync(results, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(Math.max(...codes, failed > 0 ? 1 : 0))

/** On a disk, every transaction of a test waits until it is written: that makes the tests three times slower. */
function folderInMemory() {
  if (!existsSync(MEMORY)) return null
  const { bavail, bsize } = statfsSync(MEMORY)
  return bavail * bsize > NEEDED_BYTES ? MEMORY : null
}

/** A run that was stopped leaves its folder behind, which would fill the memory. */
function removeAbandoned() {
  for (const name of readdirSync(folder)) {
    const id = Number(/^guesthook-test-(\d+)$/.exec(name)?.[1])
    const path = join(folder, name)
    const isAbandoned = id > 0 && (id === process.pid || !isRunning(id))
    if (isAbandoned && statSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true })
  }
}

function isRunning(id) {
  try {
    return process.kill(id, 0)
  } catch (cause) {
    return cause.code === 'EPERM'
  }
}

/** @returns a promise of the exit code */
function runVitest() {
  const report = [`--outputFile.json=${join(results, 'vitest.json')}`]
  const reporters = ['--reporter=default', '--reporter=json']
  // By default, a machine with two cores would run one file at a time. Beside Playwright, two keep it busy.
  const workers = `--maxWorkers=${chosen.length === 0 ? 2 : 3}`
  return codeOf(startNode([toolPath('vitest/vitest.mjs'), 'run', workers, ...reporters, ...report, ...chosen]))
}

/** Starts Playwright. It prints nothing before `end`, so that its lines do not stand among those of Vitest. */
function startPlaywright() {
  const env = toolEnv({ PLAYWRIGHT_JSON_OUTPUT_NAME: join(results, 'playwright.json') })
  const args = [toolPath('@playwright/test/cli.js'), 'test', '--reporter=list,json']
  const child = startNode(args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const unseen = []
  let print = (text) => unseen.push(text)
  child.stdout.on('data', (text) => print(text))
  const code = codeOf(child)
  /** Prints what it has said, and what it will say. @returns a promise of the exit code */
  const end = () => {
    if (!existsSync(chromiumPath)) console.log(`\nSkipping the browser tests: no Chromium at ${chromiumPath}.`)
    print = (text) => process.stdout.write(text)
    unseen.forEach(print)
    return code
  }
  return { end }
}

/** @returns a promise of the exit code of a process; 1 if a signal ended it */
function codeOf(child) {
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)))
}

function count() {
  const vitest = readReport('vitest.json')
  const playwright = readReport('playwright.json')?.stats
  const passed = (vitest?.numPassedTests ?? 0) + (playwright?.expected ?? 0) + (playwright?.flaky ?? 0)
  return { passed, failed: (vitest?.numFailedTests ?? 0) + (playwright?.unexpected ?? 0) }
}

/** The names of the tests that failed, because a long log hides them. */
function failures() {
  const files = readReport('vitest.json')?.testResults ?? []
  const inVitest = files.flatMap(({ name, assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => `${name} > ${fullName}`)
  )
  const specsOf = ({ suites = [], specs = [] }) => [...specs, ...suites.flatMap(specsOf)]
  const specs = specsOf({ suites: readReport('playwright.json')?.suites })
  return [...inVitest, ...specs.filter(({ ok }) => !ok).map(({ file, title }) => `${file} > ${title}`)]
}

function readReport(name) {
  const file = join(results, name)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
}
