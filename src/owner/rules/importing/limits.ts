/** The largest file of another system, also after unpacking. */
export const MAX_FILE_BYTES = 50 * 1_024 * 1_024
/** The largest body of `POST /api/import`, also after unpacking. */
export const MAX_IMPORT_BYTES = 10 * 1_024 * 1_024

/** @returns the limit for people: `50 MiB` */
export function inMib(bytes: number): string {
  return `${bytes / (1_024 * 1_024)} MiB`
}
