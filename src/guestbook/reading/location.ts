import type { Child, JSX, PropsWithChildren } from '#jsx'
import type { Book } from '../books/book'
import type { Translator } from '../rules/languages/index'

/** Where a book is shown: on its own page, or in a frame on another site. */
export interface BookLocation {
  slug: string
  /** The path of the first page. */
  path: string
  signPath: string
  /** In a frame, links open in the whole window, except those with this target. */
  target?: '_self'
  /** What surrounds the form and the entries. */
  Shell: (props: PropsWithChildren<BookShellProps>) => JSX.Element
}

export interface BookShellProps {
  book: Book
  translate: Translator
  title: string
  intro?: Child
  /** Shown above the page, where the styles of the theme do not apply. */
  bar?: Child
  /** More elements of the head. */
  links?: Child
  hasScript?: boolean
}
