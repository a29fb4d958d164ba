import { createContext } from '#jsx'
import type { Provider } from '../rules/verifying/scheme'

interface Edited {
  /** It decides on the options. */
  provider: Provider
  /** The books that a template can choose. */
  books: { slug: string; title: string }[]
  /** The book of a template that names none. */
  defaultBook: string
}

/** The source whose form is shown. */
export const EditedSource = createContext<Edited | null>(null)
