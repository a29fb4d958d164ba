// npm run mutate: plants faults in a copy of the program, and shows after how many runs the simulation finds each.
//   npm run mutate -- --only lease        plants only the faults whose names match this pattern
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MUTATIONS } from './mutations.mjs'

const ROOT = resolve(import.meta.dirname, '../../..')
const COPIED = [
  'src',
  'migrations',
  'public',
  'test/support',
  'test/simulation',
  'test/tsconfig.json',
  'tsconfig.json',
  'vitest.config.ts',
  'wrangler.toml',
  'package.json',
]

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
})
const chosen = MUTATIONS.filter(({ name }) => new RegExp(values.only).test(name))
let missed = 0
let cleanUp = () => undefined
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
process.on('exit', () => cleanUp())

for (const mutation of chosen) {
  const { run, why } = await findFault(mutation)
  if (run === null) missed += 1
  console.log(`${run === null ? 'NOT FOUND' : `run ${run}`.padStart(9)}  ${mutation.name}${why}`)
}
process.exit(missed > 0 ? 1 : 0)

/** @returns the number of the run that found the fault, or null, and what it found */
async function findFault(mutation) {
  const folder = mkdtempSync(join(tmpdir(), 'guesthook-mutation-'))
  cleanUp = () => rmSync(folder, { recursive: true, force: true })
  try {
    for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    plant(folder, mutation)
    return judge(await simulate(folder))
  } finally {
    cleanUp()
  }
}

/** @throws Error if the text to replace does not occur exactly once */
function plant(folder, { name, file, replace }) {
  const path = join(folder, file)
  let text = readFileSync(path, 'utf8')
  for (const [before, after] of replace) {
    const count = text.split(before).length - 1
    if (count !== 1) throw new Error(`"${name}": the text to replace occurs ${count} times in ${file}:\n${before}`)
    text = text.replace(before, () => after)
  }
  writeFileSync(path, text)
}

/** @returns what vitest prints */
function simulate(cwd) {
  const settings = { SIMULATION_RUNS: values.runs, SIMULATION_SEED: values.seed, SIMULATION_SHRINK_SECONDS: '0' }
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'worker',
    'test/simulation',
    '-t',
    'random runs',
  ]
  const child = spawn(process.execPath, vitest, { cwd, env: { ...process.env, ...settings, NO_COLOR: '1' } })
  const removeFolder = cleanUp
  cleanUp = () => {
    child.kill()
    removeFolder()
  }
  return new Promise((done, fail) => {
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    child.on('error', fail)
    child.on('close', () => done(output))
  })
}

function judge(output) {
  const [, run, why] = /Run (\d+) failed: (.*)/.exec(output) ?? []
  if (run !== undefined) return { run: Number(run), why: `\n             ${why.slice(0, 200)}` }
  if (/Tests\s+1 passed/.test(output)) return { run: null, why: '' }
  throw new Error(`The simulation did not run:\n${output.slice(-4_000)}`)
}
