import type * as z from 'zod'
import { LAYOUT } from './layout'
import { LOOKS } from './looks'
import { MODERATION } from './moderation'
import { listRows } from './setting'
import { SIGNING } from './signing'
import { TITLE, WORDS } from './texts'

/*
 * The settings of a book. Each is one row. What is stored, the fields of the API and the inputs of the form follow from
 * the rows, in their order.
 */

export const SETTINGS = { ...WORDS, ...LOOKS, ...LAYOUT, ...SIGNING, ...MODERATION }

/** What the owner can change. */
export const FIELDS = { title: TITLE, ...SETTINGS }

/** The sections of the form. */
export const SECTIONS = [
  { heading: 'Words', rows: listRows({ title: TITLE, ...WORDS }) },
  { heading: 'Looks', rows: listRows({ ...LOOKS, ...LAYOUT }) },
  { heading: 'Signing', rows: listRows(SIGNING) },
  { heading: 'Moderation', rows: listRows(MODERATION) },
]

type Rows = typeof SETTINGS

/** The value of each setting. */
export type Settings = { [Name in keyof Rows]: z.output<Rows[Name]['schema']> }

type PublicName = { [Name in keyof Rows]: Rows[Name] extends { isPublic?: true } ? Name : never }[keyof Rows]

/** The settings that everybody can read. */
export const PUBLIC_SETTINGS = Object.fromEntries(
  Object.entries(SETTINGS).filter(([, { isPublic }]) => isPublic)
) as Pick<Rows, PublicName>
