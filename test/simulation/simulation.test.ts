import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, it, vi } from 'vitest'
import failures from './failures.json'
import { judge } from './judge'
import { type Plan, plans } from './plan'
import { shrink } from './report/shrink'
import { Survey } from './report/survey'
import { runPlan } from './run'
import { settle } from './settle'

/*
 * Random actions in random order, while processes die, D1 fails, queue messages are lost, repeated and reordered, and
 * the clock jumps. Afterwards, everything must be accounted for. For more runs: `npm run simulate -- --runs 1000`.
 */

const { seed, runs, path, steps, about, shrinkSeconds, isSurvey } = env.SIMULATION
const MINUTE = 60_000
const PROGRESS_EVERY = 50

/** How often something happened in all runs. */
const totals = { steps: 0, kills: 0, faults: 0, messages: 0, requests: 0, coalesced: 0, cuts: 0, jobs: 0 }

async function check(plan: Plan): Promise<void> {
  const simulation = await runPlan(plan)
  await settle(simulation)
  await judge(simulation)
  totals.steps += plan.steps.length
  totals.kills += simulation.kills
  totals.faults += simulation.faults
  totals.messages += simulation.history.tables.messages.seen.size
  totals.requests += simulation.sent.length
  const deliveries = [...simulation.history.tables.deliveries.seen.values()]
  totals.coalesced += deliveries.filter(({ row }) => row.reason === 'coalesced').length
  totals.cuts += simulation.cuts.size
  totals.jobs += simulation.jobs.size
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
    const faults = new Survey()
    const property = fc.asyncProperty(plans(steps, about), async (plan) => {
      if (isSurvey) faults.note(await whyFails(plan), done)
      else await check(plan)
      done += 1
      if (done % PROGRESS_EVERY === 0 || done === runs) console.log(progress(done))
    })
    const found = await fc.check(property, { seed, numRuns: runs, endOnFailure: true, ...(path && { path }) })
    if (found.failed) await report(found)
    if (isSurvey) console.log(faults.toString())
  },
  (runs + 1) * MINUTE + shrinkSeconds * 1_000
)

function progress(done: number): string {
  const happened = Object.entries(totals).map(([what, count]) => `${count} ${what}`)
  return `seed ${seed}: ${done} of ${runs} runs, ${happened.join(', ')}`
}

async function report({ counterexample, counterexamplePath, errorInstance, numRuns }: fc.RunDetails<[Plan]>) {
  const [plan] = counterexample ?? []
  if (!plan) throw errorInstance
  const until = performance.now() + shrinkSeconds * 1_000
  const smallest = await shrink({ plan, why: String(errorInstance) }, whyFails, until)
  const { setup, steps: left } = smallest.plan
  const lines = [
    `Run ${numRuns} failed: ${errorInstance}`,
    `Repeat it with: npm run simulate -- --seed ${seed} --steps ${steps}${about && ` --about '${about}'`} --path ${counterexamplePath}`,
    `Shrunk from ${plan.steps.length} to ${left.length} steps: ${smallest.why}`,
    ...[setup, ...left].map((one) => JSON.stringify(one)),
  ]
  throw new Error(lines.join('\n'))
}

async function whyFails(plan: Plan): Promise<string | null> {
  try {
    await check(plan)
    return null
  } catch (cause) {
    return String(cause)
  }
}
