import type { endpoints } from '../../tables/outgoing'

/** The owner's own texts of an endpoint, in the column `texts`: a JSON object of templates by event type, or null. */
type Texts = (typeof endpoints.$inferSelect)['texts']

/** @returns the template for an event type, or null */
export function findText(texts: Texts, type: string): string | null {
  const all = readTexts(texts)
  return Object.hasOwn(all, type) ? (all[type] ?? null) : null
}

export const readTexts = (texts: Texts): Record<string, string> => (texts === null ? {} : JSON.parse(texts))

/** @returns SQL for the template of the endpoint `e` for an event type. Names of event types have no quotes */
export const textFor = (type: string): string => `e.texts ->> ('$."' || ${type} || '"')`
