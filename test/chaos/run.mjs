// npm run chaos: nothing that was accepted is lost, however often the program is killed. It is started as `npm start` does, five receivers of all kinds
// listen, guests sign, and it is ended by SIGKILL again and again; then it is left alone until its work is done, and everything is counted.
//   CHAOS_SEED=7 npm run chaos        the same plan again; also CHAOS_KILLS (20) and CHAOS_COMMENTS (200)
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureDevVars } from '../../scripts/lib/dev-vars.mjs'
import { sign } from './guests.mjs'
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
await import('../../scripts/build/vendor.mjs')
ensureDevVars()
const program = new Program(await freePort(), mkdtempSync(join(tmpdir(), 'guesthook-chaos-')))
endWithUs()
let kills = 0
const receivers = await startReceivers(() => kills / plan.kills)

try {
  process.exit((await run(AbortSignal.timeout(GIVE_UP_MS))) ? 0 : 1)
} catch (cause) {
  say(`gave up: ${cause.message}`)
  process.exit(1)
}

/** @returns whether all is well */
async function run(signal) {
  say(`seed ${plan.seed}: ${plan.comments} comments, ${plan.kills} kills, 5 receivers`)
  await start()
  for (const receiver of receivers) await register(receiver)
  const signings = []
  for (const life of planLives(plan)) signings.push(...(await live(life, signal)))
  say('the killing is over; waiting until everything has arrived')
  await start()
  const answers = await Promise.all(signings)
  const isDone = await settle(program, receivers, plan.comments, signal)
  if (!isDone) say(`gave up after ${GIVE_UP_MS / MINUTE} minutes: something is still pending`)
  const accepted = new Map(answers.map(({ comment }) => [comment.id, comment]))
  const verdict = await judge(program, receivers, accepted)
  printVerdict(verdict, { plan, kills, answers, tookMs: Date.now() - startedAt })
  return isDone && isClean(verdict)
}

async function start() {
  program.spawn()
  await program.untilReady()
}

async function register(receiver) {
  const endpoint = { url: receiver.url, event_types: ['comment.published'] }
  const { id, secret } = await program.api('POST', '/api/endpoints', endpoint)
  Object.assign(receiver, { endpoint: id, secret })
}

/** One life, up to its SIGKILL. @returns what its guests will have been answered, in this life or a later one */
async function live({ diesStarting, killAfterMs, awayMs, comments }, signal) {
  signal.throwIfAborted()
  if (kills > 0) program.spawn()
  if (!diesStarting) await program.untilReady()
  if (!diesStarting && awayMs > 0) await program.jump(awayMs)
  const signings = comments.map((comment) => sign(program, comment, signal))
  // They are awaited when all the killing is over.
  for (const signing of signings) signing.catch(() => undefined)
  await sleep(killAfterMs)
  await program.kill()
  kills++
  const moment = diesStarting ? 'it began to start' : 'it was ready'
  say(
    `kill ${kills}, ${killAfterMs} ms after ${moment}; ${countRequests(receivers)} requests so far`
  )
  return signings
}

/** Whatever ends this ends the program. What it stored is kept when something was wrong, to be looked into. */
function endWithUs() {
  process.on('exit', (code) => {
    program.killNow()
    if (code === 1) console.log(`What was stored is kept in ${program.state}.`)
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
