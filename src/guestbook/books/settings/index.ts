import type * as z from 'zod'
import { LAYOUT } from './layout'
import { LOOKS } from './looks'
import { MODERATION } from './moderation'
import { listRows } from './setting'
import { SIGNING } from './signing'
import { SITES } from './sites'
import { TITLE, WORDS } from './texts'

/* Each setting is one row. What is stored, the fields of the API and the form follow from the rows, in their order. */

export const BOOK_SETTINGS = { ...WORDS, ...LOOKS, ...LAYOUT, ...SIGNING, ...MODERATION, ...SITES }

/** What the owner can change. */
export const FIELDS = { title: TITLE, ...BOOK_SETTINGS }

/** The tabs of the form. Their ids are the fragments of their addresses. */
export const TABS = [
  { id: 'text', label: 'Text', rows: listRows({ title: TITLE, ...WORDS }) },
  { id: 'appearance', label: 'Appearance', rows: listRows({ ...LOOKS, ...LAYOUT }) },
  { id: 'signing', label: 'Signing', rows: listRows(SIGNING) },
  // The setting `moderation` in this tab has that id.
  { id: 'approval', label: 'Moderation', rows: listRows(MODERATION) },
  { id: 'sites', label: 'Sites', rows: listRows(SITES) },
] as const

type Rows = typeof BOOK_SETTINGS

/** The value of each setting. */
export type Settings = { [Name in keyof Rows]: z.output<Rows[Name]['schema']> }

type PublicName = { [Name in keyof Rows]: Rows[Name] extends { isPublic?: true } ? Name : never }[keyof Rows]

/** The settings that everybody can read. */
export const PUBLIC_SETTINGS = Object.fromEntries(
  Object.entries(BOOK_SETTINGS).filter(([, { isPublic }]) => isPublic)
) as Pick<Rows, PublicName>
