import { parseForReading } from '../../../kit/lib/json'
import { err, type Result } from '../../../kit/lib/result'
import { type Condition, holds, parseCondition } from '../templates/conditions'

/* An endpoint gets only events for which its condition is true. Dispatch decides a page at a time: work is limited. */

export const WHEN_MAX = 500
/** How many comparisons a condition can have, and how many filters in total. */
const MAX_TESTS = 10
const MAX_FILTERS = 10

/** @returns the condition, or what is wrong with it */
export function parseWhen(text: string): Result<Condition, string> {
  if (text.length > WHEN_MAX) return err(`A condition can have at most ${WHEN_MAX} characters.`)
  const parsed = parseCondition(text)
  if (!parsed.ok) return parsed
  const tests = parsed.value.flat()
  if (tests.length > MAX_TESTS) return err(`A condition can have at most ${MAX_TESTS} comparisons.`)
  const filters = tests.reduce((count, { left }) => count + left.filters.length, 0)
  return filters > MAX_FILTERS ? err(`A condition can have at most ${MAX_FILTERS} filters.`) : parsed
}

/** An endpoint with a condition. */
export type Conditional = { id: string; when: string | null }

/** 500 conditions with three comparisons fit. A page that needs more ends early; the next order decides the rest. */
const PAGE_STEPS = 5_000
/** `contains` and most filters read up to 20,000 characters, and the slowest filters split them. */
const STEPS = { condition: 2, comparison: 2, contains: 20, filter: 200 }

/** @returns the work for a condition. A step is about a microsecond, parsing included */
export function stepsOfCondition(condition: Condition): number {
  const tests = condition.flat()
  const filters = tests.reduce((count, { left }) => count + left.filters.length, 0)
  const contains = tests.filter(({ op }) => op === 'contains').length
  return STEPS.condition + tests.length * STEPS.comparison + contains * STEPS.contains + filters * STEPS.filter
}

/** @param endpoints sorted by id @returns the ids that want the event, and the last one decided; null if all were */
export function decidePage(endpoints: readonly Conditional[], payload: string, limit = PAGE_STEPS) {
  const decide = decider(payload)
  const wanted: string[] = []
  let steps = 0
  for (const [i, { id, when }] of endpoints.entries()) {
    if (steps >= limit && i > 0) return { wanted, until: endpoints[i - 1]?.id ?? null }
    const decision = decide(when)
    steps += decision.steps
    if (decision.holds) wanted.push(id)
  }
  return { wanted, until: null }
}

/** Parses a condition once, for many events. @returns a function that takes a payload, and never throws */
export function wanting(when: string | null): (payload: string) => boolean {
  const condition = when === null ? null : parseWhen(when)
  // Only valid conditions are stored. If the rules ever become stricter, nothing may be lost.
  if (!condition?.ok) return () => true
  return (payload) => holds(condition.value, { content: parseForReading(payload), known: {} })
}

/** Equal conditions are decided once. */
function decider(payload: string) {
  const decided = new Map<string, boolean>()
  let content: { value: unknown } | undefined
  return (when: string | null): { holds: boolean; steps: number } => {
    if (when === null) return { holds: true, steps: 0 }
    const known = decided.get(when)
    if (known !== undefined) return { holds: known, steps: 1 }
    const condition = parseWhen(when)
    // Only valid conditions are stored. If the rules ever become stricter, nothing may be lost.
    if (!condition.ok) return { holds: true, steps: STEPS.condition }
    content ??= { value: parseForReading(payload) }
    const result = holds(condition.value, { content: content.value, known: {} })
    decided.set(when, result)
    return { holds: result, steps: stepsOfCondition(condition.value) }
  }
}
