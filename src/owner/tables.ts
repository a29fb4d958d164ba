import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ImportFormat } from './rules/importing/records'
import type { Span } from './rules/stats/periods'

/**
 * What happened in a period, in numbers (see owner/rules/stats/). `start` is when the period started, 0 for the total.
 * `counted_to` is until when was counted. `figures` is JSON. That of the total also has the `gap`, counted later.
 */
export const rollups = sqliteTable(
  'rollups',
  {
    span: text().notNull().$type<Span>(),
    start: integer().notNull(),
    counted_to: integer().notNull(),
    figures: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.span, t.start] })]
)

/**
 * An import of entries from a file: see moving/importing. `position` is how many bytes have been read, and `parser`
 * what the parser remembers between two steps. `rev` changes with each step, so that two consumers never do the same
 * step. `report` is JSON: what was counted, and the first records that were skipped. `run_at` is when the sweep looks
 * after the import; NULL once it has ended. Then its chunks are gone.
 */
export const imports = sqliteTable(
  'imports',
  {
    id: text().primaryKey(),
    state: text().notNull().$type<'uploading' | 'running' | 'done' | 'canceled' | 'failed'>(),
    format: text().notNull().$type<ImportFormat>(),
    book: text().notNull(),
    dry_run: integer().notNull(),
    webhooks: integer().notNull(),
    origin: text().notNull(),
    size: integer().notNull(),
    position: integer().notNull().default(0),
    rev: text().notNull(),
    created_at: integer().notNull(),
    finished_at: integer(),
    run_at: integer(),
    report: text().notNull().default('{}'),
    parser: text().notNull().default('{}'),
  },
  (t) => [index('imports_running').on(t.run_at).where(sql`run_at is not null`)]
)

/** A piece of a file while it is being imported, in base64. */
export const importChunks = sqliteTable(
  'import_chunks',
  { import_id: text().notNull(), number: integer().notNull(), content: text().notNull() },
  (t) => [primaryKey({ columns: [t.import_id, t.number] })]
)

/**
 * What has been imported, so that nothing is imported twice. `id` is a hash of where a record comes from, or of what it
 * says. The row outlives its entry: what the owner has deleted does not come back with the next import, for a year.
 */
export const importedRecords = sqliteTable('imported_records', {
  id: text().primaryKey(),
  comment_id: text().notNull(),
  /** The default is the day on which this column was added, for the records from before. */
  imported_at: integer().notNull().default(1_795_824_000_000),
})
