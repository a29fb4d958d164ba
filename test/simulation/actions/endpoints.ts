import fc from 'fast-check'
import { mailbox } from '../../support/fixtures'
import type { World } from '../../support/world'
import {
  addressOf,
  CONDITIONS,
  FORMATS,
  type Format,
  headersFor,
  isForPrograms,
  movedTo,
  type Registration,
  type Settings,
} from '../endpoint-settings'
import { type KnownEndpoint, NEVER, newSecret, noteRotation } from '../known'
import { type Answer, OWNER, type Simulation } from '../simulation'
import { graceSeconds, kind, which } from './kind'

const MAX_ENDPOINTS = 4

/** A receiver that accepts a message repeats it in its response, as debugging tools do. */
export const ACCEPTS = 'echo'

const BEHAVIORS = [
  ACCEPTS,
  ACCEPTS,
  'ok',
  'fail-times/1',
  'fail-times/3',
  'status/500',
  'status/400',
  'status/410',
  'status/502',
  'retry-after/30',
  'retry-after/7200',
  'unavailable/90',
  'close',
  'redirect',
  'half-answer',
]

export const registration: { [K in keyof Registration]: fc.Arbitrary<Registration[K]> } = {
  event_types: fc.constantFrom(['*'], ['comment.*'], ['comment.*', 'note.posted'], ['note.posted'], ['endpoint.*']),
  format: fc.oneof(
    fc.constantFrom<Format[]>('standard', 'slack', 'build-hook'),
    fc.constantFrom(...FORMATS.filter((format) => !isForPrograms(format))),
    fc.constantFrom(...FORMATS)
  ),
  books: fc.constantFrom<(string[] | null)[]>(null, null, null, ['main'], ['second']),
  when: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, fc.constantFrom(...Object.keys(CONDITIONS))),
  pace: fc.constantFrom(null, 5, 13, 13, 20),
  rate_limit: fc.constantFrom(300, 300, 1, 5),
}

export const ENDPOINTS = {
  register: kind<Registration>(4, registration, (simulation, isolate, given) => register(simulation, isolate, given)),

  respond: kind<{ which: number; behavior: string }>(
    5,
    { which, behavior: fc.constantFrom(...BEHAVIORS) },
    async (simulation, _, { which, behavior }) => {
      const endpoint = simulation.pick(simulation.endpoints, which)
      if (endpoint) await script(endpoint, behavior)
    }
  ),

  /** The receiver repeats its own URL in its responses, as some error pages do. */
  sayUrl: kind<{ which: number }>(1, { which }, async (simulation, _, { which }) => {
    const endpoint = simulation.pick(simulation.endpoints, which)
    if (endpoint) await script(endpoint, `say/${endpoint.name}`)
  }),

  disable: kind<{ which: number }>(1, { which }, (simulation, isolate, { which }) =>
    change(simulation, isolate, which, { isEnabled: false }, ['POST', '/disable'])
  ),

  enable: kind<{ which: number; replay_missing: boolean }>(
    2,
    { which, replay_missing: fc.boolean() },
    (simulation, isolate, { which, replay_missing }) =>
      change(simulation, isolate, which, { isEnabled: true }, ['POST', '/enable', { replay_missing }])
  ),

  move: kind<{ which: number }>(1, { which }, (simulation, isolate, { which }) => {
    const endpoint = simulation.pick(simulation.presentEndpoints(), which)
    const before = endpoint?.versions.at(-1)?.settings.url
    const url = endpoint && before ? movedTo(endpoint.box, before, simulation.next()) : ''
    return change(simulation, isolate, which, { url }, ['PATCH', '', { url }])
  }),

  /** Other events, other books, or another condition. */
  select: kind<{ which: number } & Pick<Registration, 'event_types' | 'books' | 'when'>>(
    4,
    { which, event_types: registration.event_types, books: registration.books, when: registration.when },
    (simulation, isolate, { which, ...selected }) => {
      const patch = { ...selected, books: booksFor(simulation, selected.books) }
      return change(simulation, isolate, which, patch, ['PATCH', '', patch])
    }
  ),

  /** A digest or an interval begins, ends or changes, and the rate of a backlog changes. */
  pace: kind<{ which: number; pace: number | null; rate_limit: number }>(
    5,
    { which, pace: fc.constantFrom(null, null, 0, 5, 20, 13), rate_limit: registration.rate_limit },
    (simulation, isolate, { which, pace, rate_limit }) => {
      const format = simulation.pick(simulation.presentEndpoints(), which)?.versions.at(-1)?.settings.format
      const patch = { ...(format && paceFor(format, pace)), rate_limit }
      return change(simulation, isolate, which, patch, ['PATCH', '', withHour(patch)])
    }
  ),

  /** The receiver is replaced by one of another kind. What waits is sent in its format. */
  reformat: kind<{ which: number; format: Format }>(
    1,
    { which, format: registration.format },
    (simulation, isolate, { which, format }) => {
      const endpoint = simulation.pick(simulation.presentEndpoints(), which)
      const url = endpoint ? addressOf(endpoint.box, format) : ''
      const patch = { url, format, ...paceFor(format, null) }
      return change(simulation, isolate, which, patch, ['PATCH', '', { ...patch, headers: headersFor(format) }])
    }
  ),

  remove: kind<{ which: number }>(1, { which }, (simulation, isolate, { which }) =>
    change(simulation, isolate, which, { isEnabled: false }, ['DELETE', ''])
  ),

  ping: kind<{ which: number }>(1, { which }, (simulation, isolate, { which }) =>
    change(simulation, isolate, which, null, ['POST', '/test'])
  ),

  /** `ask` checks that nothing that has been erased is pulled. */
  pull: kind<{ which: number }>(2, { which }, (simulation, isolate, { which }) =>
    change(simulation, isolate, which, null, ['GET', '/messages?limit=100'])
  ),

  rotateSecret: kind<{ which: number; grace: number }>(
    3,
    { which, grace: graceSeconds },
    async (simulation, isolate, { which, grace }) => {
      const endpoint = simulation.pick(simulation.presentEndpoints(), which)
      if (!endpoint) return null
      const before = simulation.clock.now
      const secret = signingSecret(simulation)
      const body = { secret, grace_seconds: grace }
      const answer = await change(simulation, isolate, which, null, ['POST', '/secret/rotate', body])
      simulation.afterStep.push(async () => {
        const { text } = await simulation.askOwner('GET', `/api/endpoints/${endpoint.id}/secret`)
        if (text.includes(secret)) noteRotation(endpoint.secrets, secret, simulation.rotation(grace * 1_000, before))
      })
      return answer
    }
  ),
}

/** @returns the fields that give a format its pace. A digest is for people, and an interval for build hooks */
function paceFor(format: Format, pace: number | null): Partial<Settings> {
  if (format === 'build-hook') return { digest: 'off', digest_hour: null, min_interval_minutes: pace ?? 0 }
  if (isForPrograms(format) || pace === null) return { digest: 'off', digest_hour: null, min_interval_minutes: null }
  return { digest: 'daily', digest_hour: pace }
}

/** Only a digest has an hour, and only a build hook an interval. */
function withHour({ digest_hour, min_interval_minutes, ...others }: Partial<Settings>) {
  const hour = digest_hour == null ? {} : { digest_hour }
  return { ...others, ...hour, ...(min_interval_minutes == null ? {} : { min_interval_minutes }) }
}

/** An endpoint can be limited only to books that exist. */
function booksFor({ books }: Simulation, slugs: string[] | null): string[] | null {
  const isPresent = (slug: string) =>
    books.some((book) => book.slug === slug && book.versions.at(-1)?.settings.state === 'present')
  return slugs?.every((slug) => slug === 'main' || isPresent(slug)) ? slugs : null
}

function signingSecret(simulation: Simulation): string {
  return `whsec_${btoa(`signing secret number ${simulation.next()} of the run`)}`
}

export async function register(simulation: Simulation, isolate: World, given: Registration): Promise<void> {
  if (simulation.endpoints.length >= MAX_ENDPOINTS) return
  const { format, pace, ...others } = given
  const box = mailbox()
  const secret = signingSecret(simulation)
  const known = { ...others, books: booksFor(simulation, others.books) }
  const settings = { url: addressOf(box, format), format, ...known, headers: headersFor(format) }
  const registration = {
    body: { ...settings, ...withHour(paceFor(format, pace)), secret },
    key: `register-${box.name}`,
  }
  const endpoint: KnownEndpoint = {
    ...newEndpoint(simulation, box),
    registration,
    secrets: [newSecret(secret, simulation.step, simulation.clock.now)],
  }
  simulation.endpoints.push(endpoint)
  await script(endpoint, simulation.setup.firstAnswers)
  await repeatRegistration(simulation, isolate, endpoint)
}

export function newEndpoint(simulation: Simulation, box: KnownEndpoint['box']): KnownEndpoint {
  return {
    name: box.name,
    box,
    registration: null,
    registeredAt: simulation.clock.now,
    id: null,
    secrets: [],
    behavior: '',
    behaviors: new Set(),
    versions: [],
    changes: [],
    link: null,
    deleted: NEVER,
  }
}

/** @returns the status of the answer, or null if there is none */
export async function repeatRegistration(
  simulation: Simulation,
  isolate: World,
  { registration }: KnownEndpoint
): Promise<number | null> {
  if (!registration) return null
  simulation.mayHaveChanged.endpoints = true
  const headers = { ...OWNER, 'Idempotency-Key': registration.key }
  const answer = await simulation.ask(isolate, 'POST', '/api/endpoints', { headers, body: registration.body })
  if (answer && answer.status === 422) throw new Error(`An endpoint was refused: ${answer.text}`)
  return answer?.status ?? null
}

export async function script(endpoint: KnownEndpoint, behavior: string): Promise<void> {
  endpoint.behavior = behavior
  endpoint.behaviors.add(behavior)
  await endpoint.box.script(behavior)
}

/**
 * Asks for something about an endpoint.
 * @param patch what changes in its settings, or null if nothing does
 */
export async function change(
  simulation: Simulation,
  isolate: World,
  which: number,
  patch: Partial<Settings> | null,
  [method, path, body]: [string, string, object?]
): Promise<Answer | null> {
  const endpoint = simulation.pick(simulation.presentEndpoints(), which)
  if (!endpoint) return null
  simulation.mayHaveChanged.endpoints = true
  if (patch) endpoint.changes.push({ step: simulation.step, patch })
  return simulation.ask(isolate, method, `/api/endpoints/${endpoint.id}${path}`, { headers: OWNER, body })
}
