import { createContext } from '#jsx'

/** The book whose settings a form shows, for hints. `path` is the path of its settings in the dashboard. */
export const EditedBook = createContext({ path: '', published: 0 })
