import fc from 'fast-check'
import { GROUPS, KINDS } from './actions'
import { ACCEPTS, registration } from './actions/endpoints'
import { HOUR } from './clock'
import { EVERYTHING, type Registration } from './endpoint-settings'
import type { Setup, Theme } from './simulation'

/** A process that dies at a call to D1, or a call that fails: before it is made, or after it is committed. */
export interface Fault {
  kind: 'kill' | 'fail'
  calls: number
  isCommitted: boolean
}

export interface Single {
  do: string
  with: unknown
  /** Which of the two isolates. */
  isolate: number
  fault: Fault | null
}

/** Two simultaneous actions, whose calls to the database are delayed at random. */
interface Together {
  together: Single[]
  pauses: number[]
}

export type Step = Single | Together

/** A whole run. It is plain JSON, so that it can be kept in failures.json. */
export interface Plan {
  setup: Setup
  steps: Step[]
}

const fault = fc.record({
  kind: fc.constantFrom('kill' as const, 'fail' as const),
  calls: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40 })),
  isCommitted: fc.boolean(),
})

type Mode = Setup['mode']

/** @returns a fault for some of the steps. If there were more, hardly anything would get done */
function sometimes<T>(fault: fc.Arbitrary<T>, isFaulty: boolean): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: isFaulty ? 1 : 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fault })
}

function single(name: string, mode: Mode, isFaulty: boolean): fc.Arbitrary<Single> {
  const faults = {
    wild: sometimes(fault, isFaulty),
    faults: sometimes(
      fault.map((one) => ({ ...one, kind: 'fail' as const })),
      isFaulty
    ),
    races: fc.constant(null),
  }
  return fc.record({
    do: fc.constant(name),
    with: KINDS[name]?.parameters ?? fc.constant({}),
    isolate: fc.nat(1),
    fault: faults[mode],
  })
}

/** What runs of a theme have, and what some of them have. */
const THEMES: Record<Theme, { always: string[]; sometimes: string[] }> = {
  incoming: {
    always: list('sign webhook consume consumeAll consumeRivals sweep'),
    sometimes: list(`repeat moderate edit editOwn erase forge redeliver reprocess reprocessFailed eraseInbound pause
      keepInbound removeSource rotateSourceSecret respond sayUrl disable enable move remove ping pull replay retry
      rotateSecret rotateSigningKey rotateSecretsKey finishRotation lose loseAll refuseQueue jump keepLog`),
  },
  outgoing: {
    always: list('sign publish consume consumeAll slowly sweep'),
    sometimes: list(`moderate edit erase register respond disable enable move select pace reformat remove miss ping
      replay cancelJob retry tryNow resend discard rotateSecret openRegistration registerOwn pauseOwn resumeOwn
      deleteOwn consumeRivals lose loseAll refuseQueue jump keepLog`),
  },
  books: {
    always: list('sign signAgain decide undo visit consumeAll sweep'),
    sometimes:
      list(`approve repeat moderate edit reply editOwn eraseOwn erase openForm sendForm editAnswers signWithAnswers
      changeBook moveQuestions deleteBook restoreBook respond disable enable replay consume lose jump`),
  },
  all: { always: list('sign consume consumeAll sweep'), sometimes: Object.keys(KINDS) },
}

interface Subject {
  theme: Theme
  /** Kinds of actions that meet often in a run about the subject. All kinds of the theme if it has none. */
  often: string[]
  /** Whether many calls fail. */
  isFaulty?: boolean
  /** Any receivers if they are not set. */
  receivers?: Registration[]
  /** Any mode if it is not set. */
  mode?: Mode
}

/** Receivers whose deliveries wait for a while. */
const SLOW: Registration[] = [
  { ...EVERYTHING, rate_limit: 1 },
  { ...EVERYTHING, format: 'slack', pace: 13 },
]

/**
 * What a run is about. It has the kinds of its subject, and a few others of its theme. If each run had all kinds, those
 * that cause a fault together would hardly ever meet.
 */
const SUBJECTS: Record<string, Subject> = {
  incoming: { theme: 'incoming', often: [] },
  repeats: { theme: 'incoming', often: list('webhook forge redeliver consume consumeRivals sweep') },
  pauses: { theme: 'incoming', often: list('webhook pause reprocess consume sweep') },
  outgoing: { theme: 'outgoing', often: [] },
  crashes: { theme: 'outgoing', often: list('sign consume sweep'), isFaulty: true },
  waiting: { theme: 'outgoing', often: list('sign pace respond consumeAll sweep') },
  slow: { theme: 'outgoing', often: list('sign slowly sweep') },
  selections: { theme: 'outgoing', often: list('sign respond resend discard select consumeAll') },
  replays: { theme: 'outgoing', often: list('sign respond replay select consumeAll sweep') },
  erasure: { theme: 'outgoing', often: list('sign erase replay retry consume consumeAll') },
  rotations: { theme: 'outgoing', often: list('sign rotateSecret consumeAll sweep') },
  'stopped jobs': { theme: 'outgoing', often: list('sign replay cancelJob consumeAll'), receivers: SLOW },
  statistics: { theme: 'outgoing', often: list('sign respond retry consumeAll sweep'), mode: 'faults' },
  registration: { theme: 'outgoing', often: list('sign openRegistration registerOwn resumeOwn consumeAll') },
  books: { theme: 'books', often: [] },
  guests: { theme: 'books', often: list('approve signAgain decide undo') },
  moderation: { theme: 'books', often: list('sign changeBook moderate decide visit') },
  visitors: { theme: 'books', often: list('sign decide visit') },
  'deleted books': { theme: 'books', often: list('sign decide visit deleteBook restoreBook') },
  questions: { theme: 'books', often: list('openForm sendForm moveQuestions editAnswers signWithAnswers') },
  all: { theme: 'all', often: [] },
}
/** How many other kinds a run has. */
const MOST_OTHERS = 5

function list(names: string): string[] {
  return names.split(/\s+/)
}

/** @returns the kinds of actions of a run */
function kindsOf({ theme, often }: Subject): fc.Arbitrary<string[]> {
  const { always, sometimes } = THEMES[theme]
  const first = often.length > 0 ? often : always
  const others = [...new Set([...always, ...sometimes])].filter((name) => !first.includes(name))
  const limits = often.length > 0 ? { maxLength: MOST_OTHERS } : { minLength: 3 }
  return fc.subarray(others, limits).map((names) => [...first, ...names])
}

/** Time does not jump while something is under way, except in wild runs. */
export const JUMPS = ['sweep', 'jump', 'consumeAll']

function steps(every: string[], mode: Mode, isFaulty: boolean, maxLength: number): fc.Arbitrary<Step[]> {
  const anyOf = (some: string[]) =>
    fc.oneof(...some.map((name) => ({ weight: KINDS[name]?.weight ?? 1, arbitrary: single(name, mode, isFaulty) })))
  const groups = Object.values(GROUPS)
    .map((group) => every.filter((name) => name in group))
    .filter(({ length }) => length > 0)
  const one = anyOf(every)
  const rivals = fc.oneof(...groups.map((group) => fc.tuple(anyOf(group), anyOf(group)).map(onTheSame)))
  const together = fc.record({
    together: fc
      .oneof(fc.tuple(one, one), rivals)
      .filter((pair) => mayBeTogether(pair, mode))
      .map((pair) => pair.map(withShortJump)),
    pauses: fc.array(fc.nat(12), { minLength: 3, maxLength: 12 }),
  })
  const mixed = fc.oneof({ weight: 3, arbitrary: one }, { weight: 2, arbitrary: together })
  return fc.array<Step>(mode === 'faults' ? one : mixed, {
    minLength: Math.ceil(maxLength / 2),
    maxLength,
    size: 'max',
  })
}

/** Two actions on the same thing, if both choose one: on one entry, one endpoint, one source. */
function onTheSame([one, other]: [Single, Single]): [Single, Single] {
  const chosen = one.with as Partial<Choice>
  const own = other.with as Partial<Choice>
  const same = CHOICES.filter((name) => chosen[name] !== undefined && own[name] !== undefined)
  return [one, { ...other, with: { ...own, ...Object.fromEntries(same.map((name) => [name, chosen[name]])) } }]
}

/** The parameters that choose a thing. */
const CHOICES = ['which', 'source'] as const
type Choice = Record<(typeof CHOICES)[number], number>

/** After two rotations at the same time, it is unknown which one was first, and a key may expire while it is used. */
function mayBeTogether([one, other]: [Single, Single], mode: Mode): boolean {
  if (one.do === 'slowly' || other.do === 'slowly') return false
  const hasJump = JUMPS.includes(one.do) || JUMPS.includes(other.do)
  if (hasJump && (mode === 'races' || one.do === 'repeat' || other.do === 'repeat')) return false
  return one.do !== other.do || !one.do.startsWith('rotate')
}

/** Otherwise, retention could remove what appears in the same step, before anyone has seen it. */
function withShortJump(single: Single): Single {
  const { jump, ...others } = single.with as { jump?: number }
  return jump === undefined ? single : { ...single, with: { ...others, jump: Math.min(jump, HOUR) } }
}

/** @param about the name of a subject, or empty for any */
export function plans(maxSteps: number, about: string): fc.Arbitrary<Plan> {
  const subjects = about === '' ? Object.values(SUBJECTS) : [SUBJECTS[about] as Subject]
  const setup = fc.record({
    receivers: fc.array(fc.record(registration), { minLength: 1, maxLength: 2 }),
    isHealed: fc.constantFrom(true, true, false),
    mode: fc.constantFrom<Mode[]>('wild', 'wild', 'wild', 'faults', 'races'),
    isFreePlan: fc.boolean(),
    isStrict: fc.constantFrom(false, false, true),
    firstAnswers: fc.constantFrom(ACCEPTS, 'fail-times/1', 'fail-times/3'),
  })
  const plan = fc.tuple(fc.constantFrom(...subjects), setup).chain(([subject, others]) => {
    const { theme, mode = others.mode, receivers = others.receivers, isFaulty = false } = subject
    return kindsOf(subject)
      .chain((kinds) => steps(kinds, mode, isFaulty, maxSteps))
      .map((steps): Plan => ({ setup: { theme, ...others, mode, receivers }, steps }))
  })
  // Otherwise, most plans would be short.
  return fc.noBias(plan)
}
