/*
 * The pages of a book, newest first. To find a page by its number, D1 reads the entries before it. So only pages near
 * either end have a number. The pages between them are reached from their neighbors, by a cursor.
 */

export const LEAF_SIZE = 20
/** How many entries may be passed over to find a page. */
export const REACH = 500

/** @returns the number of pages, at least one */
export const pagesOf = (count: number): number => Math.max(1, Math.ceil(count / LEAF_SIZE))

/** @returns how many entries are before a page */
export const skippedBy = (page: number): number => (page - 1) * LEAF_SIZE

export interface Cursors {
  /** The cursors of the pages before and after this one, or null. */
  newer: string | null
  older: string | null
}

/** Whether a page can be found by its number: from the newest or from the oldest entry. */
export const isNumbered = (page: number, count: number): boolean =>
  skippedBy(page) <= REACH || count - 1 - skippedBy(page) <= REACH

/** @returns the query of a page, empty for the first one; null if there is no way to it from the page `current` */
export function queryOfLeaf(page: number, current: number, count: number, { newer, older }: Cursors): string | null {
  if (page === 1) return ''
  if (isNumbered(page, count)) return `?page=${page}`
  const before = page === current + 1 ? older : page === current - 1 ? newer : null
  return before && `?page=${page}&before=${before}`
}

/** @returns the numbers to show: the first page, the last one, and the neighbours of the current one */
export function shownPages(current: number, pages: number): number[] {
  const near = [current - 2, current - 1, current, current + 1, current + 2].filter((one) => one > 1 && one < pages)
  return [1, ...near, ...(pages > 1 ? [pages] : [])]
}
