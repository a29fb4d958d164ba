import { portable } from '../../kit/db/portable'
import { columnsOf, type RowOf } from '../../kit/db/rows'
import { statement } from '../../kit/db/statements'
import { MAX_PICTURES } from '../rules/looks/picture'
import { pictures } from '../tables'

/* The files of pictures. What a page needs to know about them is in the settings of the book: see `SAVE_PICTURE`. */

const PICTURE = columnsOf(pictures)

/** If there are too many pictures, the statement sets `content` to NULL and fails: see `refuseIfNull`. */
export const INSERT_PICTURE = PICTURE.insert<RowOf<typeof PICTURE>>({
  content: `iif((select count(*) from pictures where book = :book) < ${MAX_PICTURES}, :content, null)`,
})

export const FIND_PICTURE = columnsOf(pictures, 'content').from<{ slug: string; id: string }>(`
  pictures where book = :slug and id = :id`)

export const REMOVE_PICTURE = statement<{ slug: string; id: string }>(`
  delete from pictures where book = :slug and id = :id`)

/** Runs after the statement that may have removed the book. */
export const REMOVE_PICTURES = statement<{ slug: string }>(`
  delete from pictures where book = :slug and not exists (select 1 from books where slug = :slug)`)

export const PORTABLE_PICTURES = portable(pictures, ['book', 'id', 'content'])
