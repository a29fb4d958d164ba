export const MIB = 1_024 * 1_024

/** @returns the bytes in words: `3.2 KB` */
export const inKb = (bytes: number): string => `${Math.ceil(bytes / 100) / 10} KB`

/** @returns the bytes in words: `64 KiB` */
export const inKib = (bytes: number): string => `${Math.floor(bytes / 1_024)} KiB`

/** @returns the bytes in words: `50 MiB` */
export const inMib = (bytes: number): string => `${bytes / MIB} MiB`

/** @returns the number in words: `20,000`. Unlike `toLocaleString`, it does not load the rules of a language. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',')
