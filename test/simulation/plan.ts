import fc from 'fast-check'
import { KINDS } from './actions'
import type { Setup } from './simulation'

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
function sometimes<T>(fault: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fault })
}

function single(name: string, mode: Mode): fc.Arbitrary<Single> {
  const faults = {
    wild: sometimes(fault),
    faults: sometimes(fault.map((one) => ({ ...one, kind: 'fail' as const }))),
    races: fc.constant(null),
  }
  return fc.record({
    do: fc.constant(name),
    with: KINDS[name]?.parameters ?? fc.constant({}),
    isolate: fc.nat(1),
    fault: faults[mode],
  })
}

/** The kinds that every run has. */
const ALWAYS = ['sign', 'webhook', 'consume', 'consumeAll', 'sweep']
/** Each run has only some of these kinds, so that they are repeated more often, which finds some faults sooner. */
const SOMETIMES = Object.keys(KINDS).filter((name) => !ALWAYS.includes(name))
/** Time does not jump while something is under way, except in wild runs. */
export const JUMPS = ['sweep', 'setClockBack', 'consumeAll']

function steps(names: string[], mode: Mode, maxLength: number): fc.Arbitrary<Step[]> {
  const one = fc.oneof(
    ...[...ALWAYS, ...names].map((name) => ({ weight: KINDS[name]?.weight ?? 1, arbitrary: single(name, mode) }))
  )
  const pair = fc.tuple(one, one).filter((both) => mayBeTogether(both, mode))
  const together = fc.record({
    together: fc.tuple(pair, fc.boolean()).map(([both, isSame]) => (isSame ? onTheSame(both) : both)),
    pauses: fc.array(fc.nat(12), { minLength: 3, maxLength: 12 }),
  })
  const mixed = fc.oneof({ weight: 3, arbitrary: one }, { weight: 2, arbitrary: together })
  return fc.array<Step>(mode === 'faults' ? one : mixed, { minLength: 5, maxLength, size: 'max' })
}

/** After two rotations at the same time, it is unknown which one was first. */
function mayBeTogether([one, other]: [Single, Single], mode: Mode): boolean {
  if (mode === 'races' && (JUMPS.includes(one.do) || JUMPS.includes(other.do))) return false
  return one.do !== other.do || !one.do.startsWith('rotate')
}

/** Two actions on the same thing, if both choose one: on one entry, one endpoint, one delivery. */
function onTheSame([one, other]: [Single, Single]): [Single, Single] {
  const { which } = one.with as { which?: number }
  const own = other.with as { which?: number }
  if (which === undefined || own.which === undefined) return [one, other]
  return [one, { ...other, with: { ...own, which } }]
}

export function plans(maxSteps: number): fc.Arbitrary<Plan> {
  const setup = fc.record({
    isHealed: fc.constantFrom(true, true, false),
    mode: fc.constantFrom<Mode[]>('wild', 'wild', 'wild', 'faults', 'races'),
    isFreePlan: fc.boolean(),
    isStrict: fc.constantFrom(false, false, true),
  })
  const plan = fc
    .tuple(setup, fc.subarray(SOMETIMES, { minLength: 3 }))
    .chain(([setup, names]) => steps(names, setup.mode, maxSteps).map((steps): Plan => ({ setup, steps })))
  // Otherwise, most plans would be short.
  return fc.noBias(plan)
}
