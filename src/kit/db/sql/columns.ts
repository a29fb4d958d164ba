import { type IndexBuilder, type IndexBuilderOn, index as indexNamed, integer, text } from 'drizzle-orm/sqlite-core'

/* What tables consist of. */

export const textNotNull = () => text().notNull()
export const integerNotNull = () => integer().notNull()

/** The Worker needs only the name of an index. `of` takes what the index contains, from `doc`, for migrations. */
export function index(name: string) {
  const named = indexNamed(name)
  return {
    of: (build: ((index: IndexBuilderOn) => IndexBuilder) | undefined): IndexBuilder =>
      build ? build(named) : (named as never),
  }
}
