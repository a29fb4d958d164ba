/**
 * What one invocation may still ask of the platform. The Free plan allows 50 subrequests and 50 D1 queries; every query counts as
 * both, which is more careful than it needs to be. What is left over goes on at the next wake-up.
 */
const FREE_CALLS = 45
const PAID_CALLS = 900

export interface Budget {
  /** Takes that many calls, or none: false says that there are not as many left. */
  take(calls: number): boolean
}

export function openBudget(env: Env): Budget {
  let left = env.FREE_PLAN === 'false' ? PAID_CALLS : FREE_CALLS
  return {
    take(calls) {
      if (calls > left) return false
      left -= calls
      return true
    },
  }
}

/** A part of a budget, for work that must not starve the rest: what it does not take stays. */
export function upTo(calls: number, budget: Budget): Budget {
  let left = calls
  return {
    take(wanted) {
      if (wanted > left || !budget.take(wanted)) return false
      left -= wanted
      return true
    },
  }
}
