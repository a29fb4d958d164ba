import { writtenNumber } from '../../../kit/lib/json'

/** @returns the string or number at a dotted path, as text; an empty string if there is no such value */
export function textAt(data: unknown, path: string): string {
  let value = data
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return ''
    value = (value as Record<string, unknown>)[key]
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : (writtenNumber(value) ?? '')
}
