import { createContext } from '#jsx'
import type { BookChoice } from '../program'
import type { Provider } from '../rules/verifying/scheme'

interface Edited {
  /** It decides on the options. */
  provider: Provider
  /** The books that a template can choose. */
  books: BookChoice[]
  /** The book of a template that names none. */
  defaultBook: string
}

/** The source whose form is shown. */
export const EditedSource = createContext<Edited | null>(null)
