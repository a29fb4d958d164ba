import { books } from '../../guestbook/tables'
import { columnsOf } from '../../kit/db/sql/rows'
import { first } from '../../kit/db/statements'
import { type ConfigurationFault, findFaults, findStoredFault } from './configuration'
import { findSchemaFault } from './schema-check'

const READ_ONE_ROW = columnsOf(books, 'slug').from("books where slug = 'main'")

/** @returns everything that is wrong with the configuration and the database. @throws if D1 does not respond */
export async function checkConfiguration(env: Env): Promise<ConfigurationFault[]> {
  const schema = await findSchemaFault(env)
  const faults = findFaults(env)
  // Without its tables, the rest of the database cannot be read.
  if (schema) return [...faults, schema]
  await first(READ_ONE_ROW(env, {}))
  if (faults.some(({ name }) => name === 'SECRETS_KEY')) return faults
  const stored = await findStoredFault(env)
  return stored ? [...faults, stored] : faults
}
