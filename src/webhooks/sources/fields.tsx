import * as z from 'zod'
import type { JSX } from '#jsx'
import { wellFormed } from '../../kit/body-schema'
import { asFlag, asItIs, asJsonColumn, asOptionalJson, type FieldRow, fieldRows } from '../../kit/field-rows'
import type { Control } from '../../kit/html/controls'
import { Check, Input, TextArea } from '../../kit/html/parts/fields'
import { readPairs, wholeNumber } from '../../kit/http/form'
import { entryTemplate, templateInputs } from './entry-template'
import { optionInputs, strictBox } from './option-inputs'
import { sourceOptions } from './options'

/* What the owner can change about a source. A new field needs a row here and a column in webhooks/tables/incoming.ts. */

/** How many days a source keeps its messages by default. */
const RETENTION_DAYS = 30
const MAX_RETENTION_DAYS = 3_650
/** Megabytes. */
const DAILY_QUOTA_MB = 50
const MAX_DAILY_QUOTA_MB = 10_000
const MAX_FIELDS = 5
const NAME_MAX = 100
const NOTE_MAX = 500

/** What a source does with its requests, in words. */
export const ACTS = {
  keep: { label: 'Store only', effect: 'only store it', hint: 'View the requests in the dashboard.' },
  publish: {
    label: 'Publish an event',
    effect: 'publish an event',
    hint: 'Send inbound.received to the endpoints that subscribe to it.',
  },
  sign: { label: 'Sign the guestbook', effect: 'sign the guestbook', hint: 'Each request becomes an entry.' },
} as const

/** Checks the types of a row. */
const field = <S extends z.ZodType, C>(row: FieldRow<S, C>): FieldRow<S, C> => row

const ABOUT = {
  name: field({
    schema: wellFormed.trim().min(1).max(NAME_MAX),
    initial: '',
    stored: asItIs<string>(),
    control: input((given) => <Input {...given} label="Name" required counted={NAME_MAX} />),
  }),
  act: field({
    schema: z.enum(['keep', 'publish', 'sign']),
    initial: 'keep',
    stored: asItIs<'keep' | 'publish' | 'sign'>(),
    control: {
      fill: (value, name) => ({ [name]: value }),
      read: (form, name) => form.get(name) ?? '',
      show: (form, name) => (
        <fieldset>
          <legend>When a request arrives</legend>
          {Object.entries(ACTS).map(([act, { label, hint }]) => (
            <Check
              type="radio"
              name={name}
              value={act}
              checked={form.get(name) === act}
              label={
                <>
                  {label}. <span class="hint">{hint}</span>
                </>
              }
            />
          ))}
        </fieldset>
      ),
    },
  }),
}

const SIGNING = {
  template: field({
    schema: entryTemplate.nullable(),
    initial: null,
    stored: asOptionalJson(entryTemplate),
    control: templateInputs(),
  }),
}

const VERIFYING = {
  options: field({ schema: sourceOptions, initial: {}, stored: asJsonColumn(sourceOptions), control: optionInputs() }),
  strict: field({
    schema: z
      .boolean()
      .describe('Respond with 401 immediately if the signature is wrong. The request is stored anyway.'),
    /** The provider decides: see `planSource`. */
    initial: false,
    stored: asFlag,
    control: strictBox(),
  }),
}

const KEEPING = {
  fields: field({
    schema: searchFields(),
    initial: [],
    stored: asJsonColumn(searchFields()),
    control: {
      fill: (fields, name) => ({ [name]: fields.map((one) => `${one.name}: ${one.path}`).join('\n') }),
      read: (form, name) =>
        readPairs(form.get(name) ?? '', name, explainField).map(([key, path]) => ({ name: key, path })),
      show: (form, name) => (
        <TextArea
          name={name}
          value={form.get(name) ?? ''}
          label={`Search fields (up to ${MAX_FIELDS}), one name and path per line`}
          placeholder="repository: repository.full_name"
          rows={3}
          class="code"
        />
      ),
    },
  }),
  retention_days: field({
    schema: z.int().min(1).max(MAX_RETENTION_DAYS),
    initial: RETENTION_DAYS,
    stored: asItIs<number>(),
    control: number('Days to keep requests', { min: 1, max: MAX_RETENTION_DAYS, required: true }),
  }),
  body_retention_days: field({
    schema: z.int().min(1).max(MAX_RETENTION_DAYS).nullable(),
    initial: null,
    stored: asItIs<number | null>(),
    control: number('Days to keep bodies, if fewer', { min: 1, max: MAX_RETENTION_DAYS }),
  }),
  daily_quota_mb: field({
    schema: z
      .int()
      .min(0)
      .max(MAX_DAILY_QUOTA_MB)
      .describe(
        'How many megabytes the source can store per day (UTC). Beyond that, requests are refused with 429. 0 means no limit.'
      ),
    initial: DAILY_QUOTA_MB,
    stored: asItIs<number>(),
    control: number('Megabytes to store per day; 0 for no limit', { min: 0, max: MAX_DAILY_QUOTA_MB, required: true }),
  }),
}

const NOTES = {
  note: field({
    schema: wellFormed
      .trim()
      .max(NOTE_MAX)
      .meta({ description: 'Your own note about the source. Nobody else reads it.', example: 'Ask Ada.' }),
    initial: '',
    stored: asItIs<string>(),
    control: input((given) => (
      <TextArea {...given} label="Note" rows={3} counted={NOTE_MAX} hint="Only you can read it." />
    )),
  }),
}

/** The fields in the groups of the form. */
export const SOURCE_GROUPS = { about: ABOUT, signing: SIGNING, verifying: VERIFYING, keeping: KEEPING, notes: NOTES }

export const SOURCE_FIELDS = fieldRows({ ...ABOUT, ...SIGNING, ...VERIFYING, ...KEEPING, ...NOTES })

/**
 * Earlier versions have stored repeated names, so a backup may contain them. A field that has only a path is named
 * after it.
 */
function searchFields() {
  const named = z.strictObject({
    name: z.string().regex(/^[\w-]{1,40}$/, 'Use up to 40 letters, digits, dashes and underscores.'),
    path: z.string().min(1).max(200).meta({ example: 'repository.full_name' }),
  })
  const unnamed = z
    .string()
    .min(1)
    .max(200)
    .transform((path) => ({ name: path.replace(/[^\w-]/g, '_').slice(0, 40), path }))
  return z
    .array(z.union([named, unnamed]))
    .max(MAX_FIELDS)
    .describe('The paths of values in the body. You can search requests for these values.')
}

const explainField = (line: string): string => `"${line}" is not a field. Write one field per line, as "name: path".`

/** A text. @param show the input with its name and value */
function input(show: (given: { name: string; value: string }) => JSX.Element): Control<string> {
  return {
    fill: (value, name) => ({ [name]: value }),
    read: (form, name) => form.get(name) ?? '',
    show: (form, name) => show({ name, value: form.get(name) ?? '' }),
  }
}

interface NumberOptions {
  min: number
  max: number
  required?: true
}

/** A whole number. An empty field means null, or, if it is required, that nothing changes. */
function number<N extends number | null>(label: string, options: NumberOptions): Control<N> {
  return {
    fill: (value, name) => ({ [name]: String(value ?? '') }),
    read: (form, name) => (form.get(name) ? wholeNumber(form.get(name) ?? '') : options.required ? undefined : null),
    show: (form, name) => <Input name={name} value={form.get(name) ?? ''} type="number" {...options} label={label} />,
  }
}
