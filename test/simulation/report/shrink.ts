import type { Plan, Step } from '../plan'
import { kindOf } from './survey'

/** Runs a plan. @returns why it fails, or null */
type Check = (plan: Plan) => Promise<string | null>

export interface Shrunk {
  plan: Plan
  why: string
}

/**
 * Makes a plan that fails smaller, as long as it still fails: without some steps, without their faults, and with one
 * action at a time. This takes far fewer runs than the shrinking of fast-check, which tries to make each value smaller.
 * @param until when to stop, by `performance.now()`
 */
export async function shrink(found: Shrunk, check: Check, until: number): Promise<Shrunk> {
  let best = found
  const tryInstead = async (steps: Step[]) => {
    if (performance.now() > until) return false
    const plan = { ...best.plan, steps }
    const why = await check(plan)
    // Otherwise, the smaller plan could show another fault.
    const isSame = why !== null && kindOf(why) === kindOf(found.why)
    if (isSame) best = { plan, why }
    return isSame
  }
  for (let size = Math.ceil(best.plan.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = best.plan.steps.length - size; at >= 0; at -= size) {
      await tryInstead(best.plan.steps.toSpliced(at, size))
    }
  }
  for (let at = best.plan.steps.length - 1; at >= 0; at--) {
    for (const simpler of simplerThan(best.plan.steps[at])) {
      if (await tryInstead(best.plan.steps.toSpliced(at, 1, simpler))) break
    }
  }
  return best
}

function simplerThan(step: Step | undefined): Step[] {
  if (!step) return []
  if ('together' in step) {
    const calm = { ...step, together: step.together.map((single) => ({ ...single, fault: null })) }
    return [...step.together, calm]
  }
  return step.fault ? [{ ...step, fault: null }] : []
}
