import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBare, startGuesthook } from '../runtime.mjs'
import { doorsOf } from './doors.mjs'
import { connectProfiler, lowQuartile } from './profiler.mjs'
import { seed, startReceiver } from './seed.mjs'
import { searchStrangers } from './strangers.mjs'

/*
 * Measures the CPU time of each door: cold, for the first request in a new isolate, and warm. Then searches for the
 * most expensive request that a stranger can send. Cloudflare's Free plan allows 10 ms of CPU time for an invocation.
 */

export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
export const ONLY = new RegExp(process.env.BENCH_DOORS ?? '', 'i')
const BUDGET_MS = 5
const FREE_PLAN_MS = 10

export async function measureCpu() {
  console.log(`\nCPU time in ms, on ${cpus()[0]?.model}. Each figure is the median of ${ROUNDS} isolates.
Above the budget of ${BUDGET_MS}: *italic*. Above the Free plan's ${FREE_PLAN_MS}: **bold**.\n`)
  await withSeed(async (folder, seeded) => {
    console.log('| door | cold | warm |\n| --- | --- | --- |')
    for (const door of doorsOf(seeded)) if (ONLY.test(door.name)) reportDoor(door, await measureDoor(door, folder))
    console.log(
      '\n| strangers | requests tried | most expensive | arrival | processing |\n| --- | --- | --- | --- | --- |'
    )
    await searchStrangers(folder, seeded, reportStranger)
  })
}

/** Runs some work with a filled database. */
export async function withSeed(work) {
  const folder = mkdtempSync(join(tmpdir(), 'guesthook-cpu-'))
  const receiver = await startReceiver()
  try {
    await work(folder, await seed(folder, receiver.url))
  } finally {
    receiver.close()
    rmSync(folder, { recursive: true })
  }
}

async function measureDoor(door, folder) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measureOnce(door, folder))
  const [cold, warm] = ['cold', 'warm'].map((name) => median(rounds.map((round) => round[name])))
  return { cold, warm, status: rounds[0].status }
}

/**
 * Starts a new isolate. The calls in between let V8 compile the code. Without `times`, only the first call is measured.
 */
export async function measureOnce({ times = 0, bindings, isBare, prepare, before, call, after }, folder) {
  const start = isBare ? startBare : startGuesthook
  const program = await start({ folder, consumes: false, inspectorPort: 0, bindings })
  const profiler = await connectProfiler(program.mf)
  const context = { ...program, worker: await program.mf.getWorker(), state: {} }
  let calls = 0
  let status
  const next = async () => {
    await before?.(context)
    return profiler.measure(async () => {
      status = await call(context, `${Date.now()} ${calls++}`)
    })
  }
  try {
    await prepare?.(context)
    const cold = await next()
    for (let i = 0; i < times; i++) await next()
    const warm = []
    for (let i = 0; i < times; i++) warm.push(await next())
    return { cold, warm: lowQuartile(warm), status }
  } finally {
    after?.(context)
    profiler.close()
    await program.mf.dispose()
  }
}

function reportDoor({ name }, { cold, warm, status = 200 }) {
  console.log(`| ${name}${status < 400 ? '' : ` (${status})`} | ${mark(cold)} | ${mark(warm)} |`)
}

function reportStranger({ name, tried, description, size, status, arrival, processing }) {
  const request = `${description} (${Math.ceil(size / 1_000).toLocaleString('en')} KB): ${status}`
  console.log(`| ${name} | ${tried} | ${request} | ${mark(arrival)} | ${processing === 0 ? '' : mark(processing)} |`)
}

function mark(ms) {
  const text = ms.toFixed(1)
  if (ms > FREE_PLAN_MS) return `**${text}**`
  return ms > BUDGET_MS ? `*${text}*` : text
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
