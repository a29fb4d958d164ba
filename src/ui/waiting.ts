import { createContext } from 'hono/jsx'

/** How many entries wait for the owner. Every dashboard page shows the number in its navigation. */
export const Waiting = createContext(0)
