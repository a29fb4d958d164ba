import { configuredOrigin } from '../../kit/http/origin'
import { invalidField } from '../../kit/http/problem'
import { err, ok, type Result } from '../../kit/lib/result'
import type { LoadedInbound } from '../../webhooks/receive/messages/load'
import { hopsAfter } from '../../webhooks/receive/messages/stored-request'
import { scopeOf } from '../../webhooks/receive/process/handling'
import { type Handling, keep, type RenderedEntry } from '../../webhooks/receive/process/program-act'
import type { Judgement } from '../../webhooks/receive/process/verify-message'
import { holds, parseCondition } from '../../webhooks/rules/templates/conditions'
import { applyFilter } from '../../webhooks/rules/templates/filters'
import { parseTemplate, renderTemplate } from '../../webhooks/rules/templates/template'
import type { TemplateScope } from '../../webhooks/rules/templates/values'
import type { EntryTemplate } from '../../webhooks/sources/entry-template'
import { SOURCE_FIELDS } from '../../webhooks/sources/fields'
import { MAIN_BOOK } from '../books/book'
import { loadBook } from '../books/cache'
import { BODY_MAX, GUEST_NAME_MAX, judgeComment } from '../rules/entries/entry-content'
import { visibleName } from '../rules/entries/fold'
import { type EntryDraft, planEntry } from '../signing/sign'

/* What a source with the act `sign` does: it renders an entry from the request, and signs the guestbook. */

/** @returns the entry with its event, or why the template did not produce one */
export async function planSignature(
  env: Env,
  loaded: LoadedInbound,
  judgement: Judgement,
  now: number
): Promise<Result<Handling, string>> {
  const template = SOURCE_FIELDS.valueIn(loaded.source.row, 'template')
  if (!template) return err('The source has no template.')
  const entry = renderEntry(template, scopeOf(loaded, judgement))
  if (!entry.ok) return entry
  if (entry.value === null) return keep("Kept: the template's condition is false.")
  const { book: slug = MAIN_BOOK } = template
  const book = await loadBook(env, slug, now)
  if (!book) return err(`The book "${slug}" of the template no longer exists. Choose another book in the source.`)
  const origin = configuredOrigin(env) ?? loaded.row.origin
  const cause = { inbound_id: loaded.row.id, hops: hopsAfter(loaded.request) }
  const draft: EntryDraft = { door: 'source', input: entry.value, book, ...cause, ifChanged: true, origin, now }
  const planned = await planEntry(env, draft)
  if (!planned.ok) return err(planned.error.map(({ message }) => forOwner(message)).join(' '))
  const { comment, message, statements } = planned.value
  const note = `Signed the guestbook: ${comment.id}, ${comment.status}.`
  return ok({ statements, message, comment_id: comment.id, note })
}

/** Rewrites an error message for guests so that it makes sense to the author of a template. */
const forOwner = (message: string): string => message.replace(/^Your (name|message)/, "The entry's $1")

/** @returns the entry for a preview, with the reasons why the guestbook would refuse it. Nothing is signed */
export function renderForOwner(template: EntryTemplate, scope: TemplateScope): Result<RenderedEntry | null, string> {
  const entry = renderEntry(template, scope)
  if (!entry.ok) return entry
  if (entry.value === null) return ok(null)
  const judged = judgeComment(entry.value)
  return ok({ ...entry.value, errors: judged.ok ? [] : judged.error.map(({ message }) => forOwner(message)) })
}

/** @returns the entry, shortened to the lengths that the guestbook accepts, or null if the condition is false */
function renderEntry(
  template: EntryTemplate,
  scope: TemplateScope
): Result<Omit<RenderedEntry, 'errors'> | null, string> {
  const when = template.when?.trim()
  if (when) {
    const condition = parseCondition(when)
    if (!condition.ok) return condition
    if (!holds(condition.value, scope)) return ok(null)
  }
  const name = render(template.name, scope)
  if (!name.ok) return name
  const body = render(template.body, scope)
  if (!body.ok) return body
  const website = render(template.website ?? '', scope)
  if (!website.ok) return website
  return ok({
    name: shorten(visibleName(name.value.replace(/\s+/g, ' ')), GUEST_NAME_MAX),
    body: shorten(body.value, BODY_MAX),
    website: website.value.trim() || null,
  })
}

function render(text: string, scope: TemplateScope): Result<string, string> {
  const template = parseTemplate(text)
  return template.ok ? ok(renderTemplate(template.value, scope)) : template
}

const shorten = (text: string, max: number): string => String(applyFilter('truncate', text.trimEnd(), [String(max)]))

/** @throws Refusal 422 if the book of a template does not exist */
export async function requireBookOf(env: Env, { book: slug }: EntryTemplate, now: number): Promise<void> {
  if (slug === undefined || (await loadBook(env, slug, now))) return
  throw invalidField('template.book', `There is no book "${slug}".`)
}
