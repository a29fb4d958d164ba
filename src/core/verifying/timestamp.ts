import type { Timestamp } from './scheme'

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/

/** A time as a sender writes it. @returns epoch milliseconds, or null when it is none */
export function toMilliseconds(unit: Timestamp['unit'], text: string): number | null {
  if (unit === 'iso') {
    const at = RFC_3339.test(text) ? Date.parse(text.replace(/(\.\d{3})\d+/, '$1')) : Number.NaN
    return Number.isNaN(at) ? null : at
  }
  if (!/^\d{1,15}$/.test(text)) return null
  return unit === 's' ? Number(text) * 1_000 : Number(text)
}
