// npm run simulate:mutations: plants faults in a copy of the program, one at a time, and shows after how many runs the
// simulation finds each, in runs about the subject of the fault.
//   npm run simulate:mutations -- --only lease    plants only the faults whose names match this pattern
//   npm run simulate:mutations -- --save          also adds the runs that found them to failures.json, made smaller
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MUTATIONS, mutate } from './mutations.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const COPIED = [
  'src',
  'migrations',
  'public',
  'scripts/build',
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
    runs: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    save: { type: 'boolean', default: false },
  },
})
const FAILURES = join(ROOT, 'test/simulation/failures.json')
const SHRINK_SECONDS = values.save ? 180 : 0
const chosen = MUTATIONS.filter(({ name }) => new RegExp(values.only).test(name))
let missed = 0
let cleanUp = () => undefined
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
process.on('exit', () => cleanUp())

for (const mutation of chosen) {
  const found = await findFault(mutation)
  if (!found) missed += 1
  else if (values.save) save(mutation, found)
  console.log(
    found
      ? `${`run ${found.run}`.padStart(9)}  ${mutation.name}\n${' '.repeat(11)}${found.why}`
      : `NOT FOUND  ${mutation.name}`
  )
}
process.exit(missed > 0 ? 1 : 0)

/** @returns the number of the run that found the fault, and what it found; null if no run did */
async function findFault(mutation) {
  const folder = mkdtempSync(join(tmpdir(), 'guesthook-mutation-'))
  cleanUp = () => rmSync(folder, { recursive: true, force: true })
  try {
    for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    const path = join(folder, mutation.file)
    writeFileSync(path, mutate(readFileSync(path, 'utf8'), mutation))
    return judge(await simulate(folder, mutation.about))
  } finally {
    cleanUp()
  }
}

/** @returns what vitest prints */
function simulate(cwd, about) {
  const settings = {
    SIMULATION_RUNS: values.runs,
    SIMULATION_ABOUT: about,
    SIMULATION_SEED: values.seed,
    SIMULATION_SHRINK_SECONDS: String(SHRINK_SECONDS),
  }
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
  const [, run, why = ''] = /Run (\d+) failed: (.*)/.exec(output) ?? []
  const [, path = ''] = /--path (\S+)/.exec(output) ?? []
  if (run === undefined && /Tests\s+1 passed/.test(output)) return null
  if (run === undefined) throw new Error(`The simulation did not run:\n${output.slice(-4_000)}`)
  const [setup, ...steps] = output
    .split(/Shrunk from .*\n/)[1]
    .split('\n')
    .flatMap(parseLine)
  return { run: Number(run), why: why.slice(0, 200), path, plan: { setup, steps } }
}

/** @returns a part of the plan, or nothing for the other lines */
function parseLine(line) {
  return /^\{"(isHealed|do|together)":/.test(line) ? [JSON.parse(line)] : []
}

/** Keeps the run that has found a planted fault, in place of an earlier one. CI repeats it. */
function save({ name }, { path, plan }) {
  const why = `planted: ${name}`
  const others = JSON.parse(readFileSync(FAILURES, 'utf8')).filter((one) => one.why !== why)
  const lines = [...others, { why, seed: Number(values.seed), path, plan }].map((one) => JSON.stringify(one))
  writeFileSync(FAILURES, `[\n${lines.join(',\n')}\n]\n`)
}
