import { doorsOf } from './doors.mjs'
import { measureOnce, median, ONLY, ROUNDS, withSeed } from './measure.mjs'

/*
 * Measures the CPU time of the first request in a new isolate, beside that of the bare Worker in the same run, and
 * compares both with the budgets. A small site meets a new isolate most of the time.
 */

/** The budgets are for a machine on which the bare Worker takes this long. On others, they grow with its time. */
const BARE_MS = 0.6
/** Everything is compared with the bare Worker, so each round starts this many isolates of it. */
const BARE_TIMES = 5
const BUDGETS = [
  [4, /^(page|list|feed) of 20 entries$|^health check$/],
  [6, /^sign, as a guest$|^webhook, JSON, 2 KB$|^moderation link$/],
  [9, /^work order: dispatch|^sweep with nothing due$|^dashboard/],
]

export async function measureCold() {
  console.log(`\nCPU time of the first request in a new isolate, in ms: the median of ${ROUNDS} isolates.
"Ratio" and "budget" are multiples of the bare Worker's time. Above the budget: **bold**.\n`)
  await withSeed(async (folder, seeded) => {
    const doors = doorsOf(seeded).filter(({ isBare, name }) => isBare || (budgetOf(name) && ONLY.test(name)))
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) rounds.push(await measureRound(doors, folder))
    report(doors, rounds)
  })
}

/** The doors take turns, so that another program on the machine slows down all of them. @returns what each took */
async function measureRound(doors, folder) {
  const cold = []
  for (const door of doors) {
    const times = []
    for (let i = 0; i < (door.isBare ? BARE_TIMES : 1); i++)
      times.push((await measureOnce({ ...door, times: 0 }, folder)).cold)
    cold.push(times)
  }
  return cold
}

function budgetOf(name) {
  return BUDGETS.find(([, doors]) => doors.test(name))?.[0]
}

function report(doors, rounds) {
  const cold = doors.map((_, i) => median(rounds.flatMap((round) => round[i])))
  const bare = cold[doors.findIndex(({ isBare }) => isBare)]
  console.log('| door | cold | ratio | budget |\n| --- | --- | --- | --- |')
  for (const [i, { name, isBare }] of doors.entries()) {
    const ratio = cold[i] / bare
    const budget = isBare ? 1 : budgetOf(name) / BARE_MS
    const text = ratio > budget ? `**${ratio.toFixed(1)}**` : ratio.toFixed(1)
    console.log(`| ${name} | ${cold[i].toFixed(1)} | ${text} | ${budget.toFixed(1)} |`)
  }
}
