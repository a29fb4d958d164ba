/*
 * Whether a change changes anything. All operations that change a thing use this comparison. What leaves the thing as it
 * is writes nothing, keeps its `updated_at`, and has no line in the audit log.
 */

/** @param after what is undefined was not given, and stays. @returns the names of what differs */
export function changedNames<T extends object>(
  before: T,
  after: { [K in keyof T]?: T[K] | undefined }
): (keyof T & string)[] {
  const names = Object.keys(after) as (keyof T & string)[]
  return names.filter((name) => after[name] !== undefined && !isSame(before[name], after[name]))
}

export function isChanged<T extends object>(before: T, after: { [K in keyof T]?: T[K] | undefined }): boolean {
  return changedNames(before, after).length > 0
}

/** Compares columns of rows, and values that can be JSON. */
const isSame = (one: unknown, other: unknown): boolean => one === other || JSON.stringify(one) === JSON.stringify(other)
