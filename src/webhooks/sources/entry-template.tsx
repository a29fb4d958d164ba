import * as z from 'zod'
import { useContext } from '#jsx'
import type { Control } from '../../kit/html/controls'
import { Input, Select, TextArea } from '../../kit/html/parts/fields'
import { invalid } from '../../kit/http/problem'
import { isolated } from '../../kit/lib/text/bidi'
import { parseCondition } from '../rules/templates/conditions'
import { parseTemplate, TEMPLATE_MAX } from '../rules/templates/template'
import { EditedSource } from './edited-source'

const text = z.string().superRefine((value, c) => {
  const parsed = parseTemplate(value)
  if (!parsed.ok) c.addIssue({ code: 'custom', message: parsed.error })
})

const condition = z.string().superRefine((value, c) => {
  const parsed = value.trim() === '' ? { ok: true as const } : parseCondition(value)
  if (!parsed.ok) c.addIssue({ code: 'custom', message: parsed.error })
})

/** How a message becomes a guestbook entry. See webhooks/rules/templates/template.ts. */
export const entryTemplate = z
  .strictObject({
    name: text.meta({ type: 'string', example: '{{sender.login}}' }),
    body: text.meta({ type: 'string', example: 'starred {{repository.full_name}}' }),
    website: text.optional().meta({ type: 'string', example: '{{sender.html_url}}' }),
    when: condition.optional().meta({ type: 'string', example: 'action == "created"' }),
    book: z.string().min(1).max(100).optional().meta({
      description: 'The slug of the book that gets the entry. The default is the main book.',
      example: 'main',
    }),
  })
  .describe(`The templates for the fields of the entry, each up to ${TEMPLATE_MAX} characters long.`)
export type EntryTemplate = z.infer<typeof entryTemplate>

/** The form has an input for each part of a template: `template_name` and so on. */
export function templateInputs(): Control<EntryTemplate | null> {
  return {
    fill: (template, name) => ({
      [`${name}_name`]: template?.name ?? '',
      [`${name}_body`]: template?.body ?? '',
      [`${name}_website`]: template?.website ?? '',
      [`${name}_when`]: template?.when ?? '',
      [`${name}_book`]: template?.book ?? '',
    }),
    read: readTemplate,
    show: (form, name) => <TemplateInputs form={form} name={name} />,
  }
}

/** The API says how a whole template looks. The form has a field for each part. @throws Refusal 422 */
function readTemplate(form: URLSearchParams, field: string) {
  const { name, body, website, when, book } = partsIn(form, field)
  const missing = Object.entries({ name, body }).filter(([, part]) => !part.trim())
  if (form.get('act') === 'sign' && missing.length > 0)
    throw invalid(missing.map(([part]) => ({ path: `${field}.${part}`, message: 'Required to sign the guestbook.' })))
  if (missing.length === 2) return null
  const chosen = book.trim()
  return {
    name,
    body,
    ...(website.trim() && { website }),
    ...(when.trim() && { when }),
    ...(chosen && { book: chosen }),
  }
}

/** @returns the parts of a template as they were entered */
export function partsIn(form: URLSearchParams, field: string) {
  const part = (name: string) => form.get(`${field}_${name}`) ?? ''
  return { name: part('name'), body: part('body'), website: part('website'), when: part('when'), book: part('book') }
}

function TemplateInputs({ form, name }: { form: URLSearchParams; name: string }) {
  const { books = [], defaultBook = '' } = useContext(EditedSource) ?? {}
  const part = (part: string) => ({ name: `${name}_${part}`, value: form.get(`${name}_${part}`) ?? '' })
  const text = (name: string) => ({ ...part(name), maxlength: TEMPLATE_MAX })
  const book = part('book')
  const chosen = book.value || defaultBook
  // A book that has been deleted is offered by its slug.
  const choices = new Map([[chosen, chosen], ...books.map(({ slug, title }) => [slug, isolated(title)] as const)])
  return (
    <fieldset>
      <legend>Entry template</legend>
      <p class="hint">
        <code>{'{{sender.login}}'}</code> inserts a value from the body. <code>{'{{$event_type}}'}</code>,{' '}
        <code>{'{{$source}}'}</code> and <code>{'{{$header.x-name}}'}</code> insert details about the request. Filters:{' '}
        <code>{'{{name | default: "somebody" | truncate: 40}}'}</code>. Conditions:{' '}
        <code>{'{{#if public}}…{{else}}…{{/if}}'}</code>.
      </p>
      <Input {...text('name')} label="Name" placeholder="{{user.name}}" />
      <TextArea {...text('body')} label="Text" rows={3} class="code" />
      <Input {...text('website')} label="Website" placeholder="{{user.url}}" />
      <TextArea
        {...text('when')}
        label="Only if"
        rows={2}
        class="code"
        placeholder={'$event_type == "star" and action == "created"'}
      />
      {choices.size > 1 && <Select {...book} label="Book" choices={[...choices]} value={chosen} />}
    </fieldset>
  )
}
