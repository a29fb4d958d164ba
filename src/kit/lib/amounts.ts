export const MIB = 1_024 * 1_024

/** @returns the bytes in words: `3.2 KB` */
export function inKb(bytes: number): string {
  return `${Math.ceil(bytes / 100) / 10} KB`
}

/** @returns the bytes in words: `64 KiB` */
export function inKib(bytes: number): string {
  return `${Math.floor(bytes / 1_024)} KiB`
}

/** @returns the bytes in words: `50 MiB` */
export function inMib(bytes: number): string {
  return `${bytes / MIB} MiB`
}

/** @returns the number in words: `20,000`. Unlike `toLocaleString`, it does not load the rules of a language. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}
