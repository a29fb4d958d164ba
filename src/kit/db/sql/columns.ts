import type { SQL } from 'drizzle-orm'
import { type IndexBuilder, type IndexBuilderOn, index as indexNamed, integer, text } from 'drizzle-orm/sqlite-core'

/* What tables consist of. */

export const textNotNull = () => text().notNull()
export const integerNotNull = () => integer().notNull()

type Build = (index: IndexBuilderOn) => IndexBuilder

const nothing: [SQL] = [] as never

/** The Worker needs only the name of an index. `of` takes what the index contains, from `doc`, for migrations. */
export const index = (name: string) => ({
  of: (build: Build = (index) => index.on(...nothing)): IndexBuilder => build(indexNamed(name)),
})
