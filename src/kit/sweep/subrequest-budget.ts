import { byPlan } from '../../env'

/* Calls per invocation. The Free plan allows 50 subrequests and 50 queries; to be safe, a query counts as both. */
const CALLS = { free: 46, paid: 900 }

export interface Budget {
  /** Reserves this many calls, or none. @returns false if there are not enough left */
  take(calls: number): boolean
}

/** A part of the sweep. What does not fit into the budget waits for another sweep. @returns how much was done */
export type Chore<Done = number> = (env: Env, now: number, budget: Budget) => Promise<Done>

export function openBudget(env: Env): Budget {
  let left = byPlan(env, CALLS)
  return {
    take(calls) {
      if (calls > left) return false
      left -= calls
      return true
    },
  }
}

/** A limited part of a budget, for work that must not starve other work. Unused calls stay in the budget. */
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

/** Sets calls aside for what runs last. @returns a budget that uses these first, then what is left of the whole */
export function reserve(calls: number, budget: Budget): Budget {
  let left = budget.take(calls) ? calls : 0
  return {
    take(wanted) {
      const more = Math.max(0, wanted - left)
      if (more > 0 && !budget.take(more)) return false
      left -= wanted - more
      return true
    },
  }
}
