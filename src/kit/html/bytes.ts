const UNITS = ['B', 'kB', 'MB', 'GB']

/** @returns for example "3.4 MB" */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1)
  const amount = bytes / 1_000 ** power
  return `${amount.toFixed(power === 0 ? 0 : 1).replace(/\.0$/, '')} ${UNITS[power]}`
}
