import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, it, vi } from 'vitest'
import failures from './failures.json'
import { judge } from './judge'
import { type Plan, plans } from './plan'
import { runPlan } from './run'
import { settle } from './settle'

/*
 * Random actions in random order, while processes die, D1 fails, queue messages are lost, repeated and reordered, and
 * the clock jumps. Afterwards, everything must be accounted for. For more runs: `npm run simulate -- --runs 1000`.
 */

const { seed, runs, path, steps, shrinkSeconds } = env.SIMULATION
const MINUTE = 60_000
const PROGRESS_EVERY = 50

async function check(plan: Plan): Promise<void> {
  const simulation = await runPlan(plan)
  await settle(simulation)
  await judge(simulation)
}

afterEach(() => {
  vi.useRealTimers()
})

it.each(failures)('a run that once failed does not fail any more: $why', async ({ plan }) => {
  await check(plan as Plan)
})

it(
  'nothing is lost, doubled, remembered or forgotten in random runs',
  async () => {
    let done = 0
    const property = fc.asyncProperty(plans(steps), async (plan) => {
      await check(plan)
      done += 1
      if (done % PROGRESS_EVERY === 0) console.log(`${done} of ${runs} runs, seed ${seed}`)
    })
    const found = await fc.check(property, { seed, numRuns: runs, endOnFailure: true, ...(path && { path }) })
    if (found.failed) await report(found)
  },
  (runs + 1) * MINUTE + shrinkSeconds * 1_000
)

async function report({ counterexamplePath, errorInstance, numRuns }: fc.RunDetails<[Plan]>): Promise<never> {
  const until = performance.now() + shrinkSeconds * 1_000
  const shrinking = fc.asyncProperty(plans(steps), async (plan) => {
    if (performance.now() < until) await check(plan)
  })
  const shrunk = await fc.check(shrinking, { seed, path: counterexamplePath ?? '', numRuns: 1 })
  const [plan] = shrunk.counterexample ?? []
  const command = `npm run simulate -- --seed ${seed} --steps ${steps} --path ${shrunk.counterexamplePath}`
  throw new Error(
    [
      `Run ${numRuns} failed: ${shrunk.errorInstance ?? errorInstance}`,
      `Repeat it with: ${command}`,
      `Shrunk ${shrunk.numShrinks} times to:`,
      ...(plan ? [JSON.stringify(plan.setup), ...plan.steps.map((step) => JSON.stringify(step))] : []),
    ].join('\n')
  )
}
