import { raw } from '#jsx'
import { type Book, formatOf } from '../books/book'
import { wordsOf } from '../rules/feeds/entry-html'

/** The text of an entry, with links, smileys, and a little markup if the owner allows it. JSX would be much slower. */
export function Words({ text, book }: { text: string; book: Pick<Book, 'markup' | 'smileys' | 'own_smileys'> }) {
  return (
    <div class="words e-content" dir="auto" itemprop="text">
      {raw(wordsOf(text, formatOf(book)))}
    </div>
  )
}
