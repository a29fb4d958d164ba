/** The result of an operation that can fail in expected ways. The caller decides what a failure means. */
export type Result<T, E> = { ok: true; value: T } | { ok: false; error: E }

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value })
export const err = <E>(error: E): { ok: false; error: E } => ({ ok: false, error })

/** @returns what the work returns, or undefined if it throws an error of this kind. Any other error is thrown again */
export function catching<T>(expected: new (message?: string) => Error, work: () => T): T | undefined {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof expected) return undefined
    throw cause
  }
}
