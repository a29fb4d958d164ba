import { createContext } from '#jsx'

/** More entries than this are not counted, because each costs a row. */
export const MAX_WAITING = 100

/** How many entries wait for the owner. Every dashboard page shows the number in its navigation. */
export const Waiting = createContext(0)
