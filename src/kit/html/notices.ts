import type { SectionHref } from './navigation'

/* What pages say after an act: the page that the act leads to has its name in the address, as `done`. */

const KNOWN = new Map<string, Map<string, string>>()

/** Defines what the pages of a section say. @param texts by the `done` of the address @returns the texts */
export function notices<T extends Record<string, string>>(section: SectionHref, texts: T): T {
  KNOWN.set(section, new Map(Object.entries(texts)))
  return texts
}

/** @param done as in the address: anybody can write anything there @returns undefined if the section has no such text */
export const noticeOf = (section: SectionHref | undefined, done: string): string | undefined =>
  section && KNOWN.get(section)?.get(done)
