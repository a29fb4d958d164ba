// npm run bench: counts what the program costs, and measures its speed as a ratio to a bare Worker in the same run.
// `npm run bench -- counts`, `-- cold`, `-- cpu`, `-- speed`, `-- delayed` or `-- isolation` runs one part.
import { runNode, toolEnv, toolPath } from '../scripts/lib/node.mjs'
import { measureCold } from './cpu/cold.mjs'
import { measureCpu } from './cpu/measure.mjs'
import { measureIsolation } from './isolation.mjs'
import { measureDelayed, measureSpeed } from './speed.mjs'

const PARTS = {
  counts: countBudgets,
  cold: measureCold,
  cpu: measureCpu,
  speed: measureSpeed,
  delayed: measureDelayed,
  isolation: measureIsolation,
}

const [only] = process.argv.slice(2)
if (only && !(only in PARTS)) {
  console.error(`There is no part "${only}". Choose one of: ${Object.keys(PARTS).join(', ')}.`)
  process.exit(1)
}
build()
for (const [name, measure] of Object.entries(PARTS)) if (!only || only === name) await measure()

function build() {
  const args = [toolPath('wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--outdir', 'dist']
  if (runNode(args, { stdio: 'ignore' }) !== 0) throw new Error('The build failed.')
}

/** Tests check the budgets, and print what they count. */
function countBudgets() {
  console.log('Costs (rows written, as D1 charges for them; calls, as the Free plan limits them):\n')
  const tests = ['limits/free-plan-budgets', 'inbound/receive', 'inbound/lists']
  const args = [toolPath('vitest/vitest.mjs'), 'run', '--project', 'worker', ...tests]
  runNode([...args, '--reporter=dot'], { env: toolEnv() })
}
