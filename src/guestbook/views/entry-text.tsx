import { raw } from '#jsx'
import { type Book, formatOf } from '../books/book'
import { wordsOf } from '../rules/feeds/entry-html'

interface WordsProps {
  text: string
  book: Pick<Book, 'markup' | 'smileys' | 'own_smileys'>
  /** 1 for a drawing of characters. */
  pre?: number
}

/** The text of an entry, with links, smileys, and a little markup if the owner allows it. JSX would be much slower. */
export function Words({ text, book, pre = 0 }: WordsProps) {
  return (
    <div class="words e-content" dir="auto" itemprop="text">
      {raw(wordsOf(text, formatOf(book), pre === 1))}
    </div>
  )
}
