// npm run chaos: checks that nothing accepted is lost, no matter how often the program is killed. Runs the program as
// `npm start` does, with seven kinds of receivers, and repeatedly kills it with SIGKILL while guests sign,
// and the owner sends deliveries again or discards them. Then allows
// the program to finish its work, and compares what was accepted with what arrived.
//   CHAOS_SEED=7 npm run chaos        repeats an earlier run; see also CHAOS_KILLS (20) and CHAOS_COMMENTS (200)
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureDevVars } from '../../scripts/lib/dev-vars.mjs'
import { sign } from './guests.mjs'
import { makeCallsDue, select, sendDiscarded } from './owner.mjs'
import { planLives } from './plan.mjs'
import { freePort, Program } from './program.mjs'
import { startReceivers } from './receivers.mjs'
import { isClean, printVerdict } from './report.mjs'
import { countRequests, settle } from './settle.mjs'
import { judge } from './verdict.mjs'

const MINUTE = 60_000
const GIVE_UP_MS = 8 * MINUTE

const startedAt = Date.now()
const plan = {
  seed: setting('CHAOS_SEED', startedAt % 1_000_000),
  kills: setting('CHAOS_KILLS', 20),
  comments: setting('CHAOS_COMMENTS', 200),
}
ensureDevVars()
const program = new Program(await freePort(), mkdtempSync(join(tmpdir(), 'guesthook-chaos-')))
cleanUpOnExit()
let kills = 0
const receivers = await startReceivers(() => kills / plan.kills)

try {
  process.exit((await run(AbortSignal.timeout(GIVE_UP_MS))) ? 0 : 1)
} catch (cause) {
  say(`stopped: ${cause.message}`)
  process.exit(1)
}

/** @returns {Promise<boolean>} true if no fault was found */
async function run(signal) {
  say(`seed ${plan.seed}: ${plan.comments} comments, ${plan.kills} kills, ${receivers.length} receivers`)
  await start()
  // The entries of new guests would wait for the owner.
  await program.api('PATCH', '/api/books/main', { moderation: 'none' })
  for (const receiver of receivers) await register(receiver)
  const signings = []
  const selections = []
  for (const life of planLives(plan)) {
    const { signed, selected } = await live(life, signal)
    signings.push(...signed)
    selections.push(selected)
  }
  say('all kills are done; waiting for all deliveries')
  await start()
  const answers = await Promise.all(signings)
  const selected = await Promise.all(selections)
  await sendDiscarded(program, receivers, signal)
  const isDone = await settle(program, receivers, plan.comments, signal)
  if (!isDone) say(`stopped after ${GIVE_UP_MS / MINUTE} minutes: some deliveries are still pending`)
  const accepted = new Map(answers.map(({ comment }) => [comment.id, comment]))
  const verdict = await judge(program, receivers, accepted)
  printVerdict(verdict, { plan, kills, answers, selected, tookMs: Date.now() - startedAt })
  return isDone && isClean(verdict)
}

async function start() {
  program.spawn()
  await program.untilReady()
}

async function register(receiver) {
  const endpoint = { url: receiver.url, event_types: ['comment.published'], ...receiver.settings }
  const { id, secret } = await program.api('POST', '/api/endpoints', endpoint)
  Object.assign(receiver, { endpoint: id, secret })
}

/** Runs the program until SIGKILL. @returns promises of the responses, which may arrive in a later life */
async function live({ diesStarting, callAfterMs, killAfterMs, awayMs, comments, selection }, signal) {
  signal.throwIfAborted()
  if (kills > 0) program.spawn()
  if (!diesStarting) await program.untilReady()
  if (!diesStarting && awayMs > 0) await program.jump(awayMs)
  const signed = comments.map((comment) => sign(program, comment, signal))
  const selected = select(program, receivers, selection, signal)
  // These promises are awaited after the last kill. Until then, a rejection must not end the process.
  for (const answer of [...signed, selected]) answer.catch(() => undefined)
  const callsDue = diesStarting ? null : makeCallsDue(program, receivers, callAfterMs)
  await sleep(killAfterMs)
  await program.kill()
  await callsDue
  kills++
  const moment = diesStarting ? 'the start' : 'it was ready'
  say(`kill ${kills}, ${killAfterMs} ms after ${moment}; ${countRequests(receivers)} requests so far`)
  return { signed, selected }
}

/** Kills the program when this process exits. Keeps the database after a failure, for debugging. */
function cleanUpOnExit() {
  process.on('exit', (code) => {
    program.killNow()
    if (code === 1) console.log(`The database was kept in ${program.state}.`)
    else rmSync(program.state, { recursive: true, force: true, maxRetries: 5 })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))
}

function say(text) {
  console.log(`${String(Math.round((Date.now() - startedAt) / 1_000)).padStart(4)} s  ${text}`)
}

function setting(name, fallback) {
  const value = Number(process.env[name] || fallback)
  if (Number.isInteger(value) && value >= 0) return value
  throw new Error(`${name} must be a whole number, not "${process.env[name]}".`)
}
