import { env } from 'cloudflare:workers'
import type { World } from '../support/world'
import { KINDS } from './actions'
import { NEW_BOOKS } from './actions/books'
import { register } from './actions/endpoints'
import { publicKeys } from './actions/keys'
import { EVERYTHING } from './endpoint-settings'
import { newSecret, noteRotation } from './known'
import { observe } from './observe'
import { JUMPS, type Plan, type Single, type Step } from './plan'
import { Simulation } from './simulation'

const SOURCE_SECRETS_OVERLAP_SECONDS = 3 * 86_400

/** Performs the steps of a plan, each of which is followed by a look at the tables. */
export async function runPlan({ setup, steps }: Plan): Promise<Simulation> {
  await clearTables()
  const simulation = new Simulation(setup)
  await setUp(simulation)
  for (const step of steps) await perform(simulation, step)
  return simulation
}

async function clearTables(): Promise<void> {
  const { results } = await env.DB.prepare(
    `select name from sqlite_schema
     where type = 'table' and name not in ('books', 'd1_migrations') and name not like 'sqlite_%' and name not like '_cf_%'`
  ).all<{ name: string }>()
  await env.DB.batch([
    ...results.map(({ name }) => env.DB.prepare(`delete from ${name}`)),
    env.DB.prepare(`delete from books where slug <> 'main'`),
    env.DB.prepare(
      `update books set settings = '{}', comment_count = 0, published_count = 0, quota_day = 0, quota_bytes = 0,
        shares = '{}', spam = '{}', sent_forms = '{}'`
    ),
  ])
}

async function setUp(simulation: Simulation): Promise<void> {
  const { theme = 'incoming', receivers = [] } = simulation.setup
  if (theme !== 'incoming') await addBooks(simulation)
  for (const one of [EVERYTHING, ...receivers]) await register(simulation, simulation.newIsolate(), one)
  if (theme === 'incoming' || theme === 'all') await addSources(simulation)
  for (const key of await publicKeys(simulation)) simulation.signingKeys.push(newSecret(key, -1, 0))
  await observe(simulation, { isTogether: false })
}

async function addBooks(simulation: Simulation): Promise<void> {
  for (const [slug, settings] of Object.entries(NEW_BOOKS)) {
    simulation.books.push({ slug, versions: [] })
    if (slug === 'main') await simulation.askOwner('PATCH', '/api/books/main', settings)
    else await simulation.askOwner('POST', '/api/books', { slug, title: `The ${slug} book`, ...settings })
  }
}

/** A source for each act, whose sender has just got a second secret. */
async function addSources(simulation: Simulation): Promise<void> {
  for (const act of ['keep', 'publish', 'sign'] as const) {
    const secret = `first secret of ${act}`
    const { body } = await simulation.askOwner('POST', '/api/sources', {
      name: act,
      provider: 'github',
      secret,
      act,
      strict: simulation.setup.isStrict,
      fields: ['text'],
      ...(act === 'sign' && { template: { name: 'A webhook', body: '{{text}}' } }),
    })
    const known = { id: body.id, path: new URL(String(body.url)).pathname, act, isStrict: simulation.setup.isStrict }
    const secrets = [newSecret(secret, -1, 0)]
    simulation.sources.push({ ...known, secrets, isPaused: false, isDeleted: false })
    const next = { secret: `second secret of ${act}`, grace_seconds: SOURCE_SECRETS_OVERLAP_SECONDS }
    await simulation.askOwner('POST', `/api/sources/${body.id}/secret/rotate`, next)
    noteRotation(secrets, next.secret, simulation.rotation(next.grace_seconds * 1_000, simulation.clock.now))
  }
}

/** Performs one step, or two at the same time. */
export async function perform(simulation: Simulation, step: Step): Promise<void> {
  const isTogether = 'together' in step
  const singles = isTogether ? step.together : [step]
  simulation.step += 1
  simulation.isTogether = isTogether
  simulation.stepBegan = simulation.clock.now
  if (env.SIMULATION.isTracing) console.log(JSON.stringify(step))
  simulation.clock.tick(1)
  for (const single of singles) arm(simulation, single)
  const isFaulty = simulation.isolates.some((isolate) => simulation.mayFail(isolate))
  if (isFaulty) simulation.faulty.add(simulation.step)
  if (isFaulty || singles.some((single) => mayRepeat(single, isTogether))) simulation.mayRepeat.add(simulation.step)
  for (const { recorder } of simulation.isolates) recorder.pauses = isTogether ? step.pauses : []
  const isolates = singles.map((single) => isolateOf(simulation, single))
  const done = await Promise.allSettled(singles.map((single, i) => act(simulation, single, isolates[i] as World)))
  const faults = done.flatMap((one, i) =>
    one.status === 'rejected' && !simulation.mayFail(isolates[i] as World) ? [one.reason] : []
  )
  if (faults.length > 0) throw faults[0]
  disarm(simulation)
  await observe(simulation, { isTogether })
}

/** If time jumps while an attempt is under way, or its order arrives twice at the same moment, it may be sent twice. */
function mayRepeat({ do: name, with: parameters }: Single, isTogether: boolean): boolean {
  const { isTwice = false } = parameters as { isTwice?: boolean }
  return name === 'consumeRivals' ? isTwice : isTogether && (isTwice || JUMPS.includes(name))
}

function isolateOf({ isolates }: Simulation, { isolate }: Single): World {
  return isolates[isolate] as World
}

function act(simulation: Simulation, { do: name, with: parameters }: Single, isolate: World): Promise<unknown> {
  const kind = KINDS[name]
  if (!kind) throw new Error(`There is no action "${name}".`)
  return kind.perform(simulation, isolate, parameters)
}

function arm(simulation: Simulation, single: Single): void {
  if (!single.fault) return
  const isolate = isolateOf(simulation, single)
  const { kind, calls, isCommitted } = single.fault
  simulation.failing.add(isolate)
  isolate.recorder[kind === 'kill' ? 'death' : 'fault'] = { callsLeft: calls, isCommitted }
}

/** A process that has died stays dead: another one takes its place, and remembers nothing. */
function disarm(simulation: Simulation): void {
  simulation.isolates = simulation.isolates.map((isolate) => {
    collectSent(simulation, isolate)
    const hasFailed = simulation.failing.has(isolate) && !isolate.recorder.death && !isolate.recorder.fault
    simulation.faults += Number(hasFailed)
    isolate.recorder.fault = undefined
    if (!isDying(isolate)) return isolate
    simulation.kills += 1
    return simulation.newIsolate()
  })
  simulation.failing.clear()
}

/** A death that no call to the database has reached yet comes at the end of the step. */
function isDying({ recorder }: World): boolean {
  if (!recorder.death) return false
  recorder.death.callsLeft = 0
  return true
}

export function collectSent({ sent, step }: Simulation, isolate: World): void {
  sent.push(...isolate.sent.splice(0).map((one) => ({ ...one, step })))
}
