// npm run simulate: random runs of the program, in which processes die, D1 fails and queue messages are lost.
//   npm run simulate -- --seed 7 --runs 1000     repeats a series of runs
//   npm run simulate -- --seed 7 --path 12:3     repeats one run; a failure prints this command
import { parseArgs } from 'node:util'
import { runNode, toolEnv, toolPath } from '../../scripts/lib/node.mjs'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    runs: { type: 'string', default: '100' },
    path: { type: 'string', default: '' },
    /** The maximum number of steps of a run. */
    steps: { type: 'string', default: '40' },
    /** What the runs are about: a name in plan.ts. */
    about: { type: 'string', default: '' },
    /** Prints every step and what it has changed. */
    trace: { type: 'boolean', default: false },
    /** Does not end with the first run that fails, and prints how often each fault was found. */
    survey: { type: 'boolean', default: false },
    /** How long a run that fails is made smaller. */
    'shrink-seconds': { type: 'string', default: '600' },
  },
})

const env = toolEnv({
  SIMULATION_SEED: values.seed,
  SIMULATION_RUNS: values.path === '' ? values.runs : '1',
  SIMULATION_PATH: values.path,
  SIMULATION_STEPS: values.steps,
  SIMULATION_ABOUT: values.about,
  SIMULATION_TRACE: String(values.trace),
  SIMULATION_SURVEY: String(values.survey),
  SIMULATION_SHRINK_SECONDS: values['shrink-seconds'],
})
console.log(`seed ${values.seed}`)
const only = ['--project', 'worker', 'test/simulation', '-t', 'random runs']
process.exit(runNode([toolPath('vitest/vitest.mjs'), 'run', ...only], { env }))
