import type { Bound } from '../../../kit/db/statements'
import { invalidField } from '../../../kit/http/problem'
import { err, ok, type Result } from '../../../kit/lib/result'
import type { TemplateScope } from '../../rules/templates/values'
import type { Message } from '../../send/publish/publish'
import type { EntryTemplate } from '../../sources/entry-template'
import type { LoadedInbound } from '../messages/load'
import type { Judgement } from './verify-message'

/* What the program that uses the engine does with a request, for sources whose `act` is `sign`. */

/** What to do with a message. Each statement runs only if the previous statement in the batch changed a row. */
export interface Handling {
  statements: Bound<unknown>[]
  message: Message | null
  comment_id: string | null
  /** The text for the message's log. */
  note: string
}

/** What a template makes of a request, for its author. */
export interface RenderedEntry {
  name: string
  body: string
  website: string | null
  /** Why the program would refuse it. */
  errors: string[]
}

interface OwnAct {
  /** @returns what to do, or why it is not possible, for the owner */
  plan(env: Env, loaded: LoadedInbound, judgement: Judgement, now: number): Promise<Result<Handling, string>>
  /** @returns what `plan` would make of a request, null if the template's condition is false, or what is wrong with it */
  render(template: EntryTemplate, scope: TemplateScope): Result<RenderedEntry | null, string>
  /** @throws Refusal 422 for a template that cannot work */
  checkTemplate(env: Env, template: EntryTemplate, now: number): Promise<void>
}

const NOTHING = 'This program does nothing with requests.'

let connected: OwnAct | null = null

/** The program calls this once, when it is loaded. */
export function connectAct(act: OwnAct): void {
  connected = act
}

export const planOwnAct: OwnAct['plan'] = async (...loaded) => (connected ? connected.plan(...loaded) : err(NOTHING))

export const renderForOwnAct: OwnAct['render'] = (template, scope) =>
  connected ? connected.render(template, scope) : err(NOTHING)

/** @throws Refusal 422 for an act that this program does not have */
export function requireAct(act: string | undefined): void {
  if (act !== 'sign' || connected) return
  throw invalidField('act', `${NOTHING} Choose "keep" or "publish".`)
}

/** @throws Refusal 422 */
export async function checkTemplate(env: Env, template: EntryTemplate | null | undefined, now: number): Promise<void> {
  if (template) await connected?.checkTemplate(env, template, now)
}

/** Does nothing more: the request is kept. */
export function keep(note: string): Result<Handling, never> {
  return ok({ statements: [], message: null, comment_id: null, note })
}
