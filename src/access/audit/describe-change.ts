import { changedNames } from '../../kit/lib/changed'

/**
 * Compares the values of settings.
 * @param names the settings to compare
 * @returns a line for each that changed, such as `theme: zine → plain`; lists and long texts are only named
 */
export function describeChange(names: string[], before: object, after: object): string[] {
  const [old, values] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  const changed = new Set<string>(changedNames(before, after))
  const listed = names.filter((name) => changed.has(name))
  return listed.map((name) => {
    const [from, to] = [wordFor(old.get(name)), wordFor(values.get(name))]
    return from && to ? `${name}: ${from} → ${to}` : name
  })
}

/** @returns undefined for a value that is too long to show */
function wordFor(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (value === null || value === '') return 'none'
  return typeof value !== 'object' && /^.{1,40}$/.test(String(value)) ? String(value) : undefined
}
