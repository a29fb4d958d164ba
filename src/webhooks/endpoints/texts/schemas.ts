import * as z from 'zod'
import { bodyOf } from '../../../kit/body-schema'
import { cut } from '../../../kit/lib/text/shorten'
import { typeName } from '../../event-types/schemas'
import { URL_MAX } from '../../rules/delivering/url-policy'
import { FORMATS } from '../../rules/events/formats'
import { checkText, TEXT_MAX, TEXTS_MAX } from '../../rules/events/own-text'
import { parseWhen, WHEN_MAX } from '../../rules/events/when'

export const when = z
  .string()
  .max(WHEN_MAX)
  .transform((text) => text.trim() || null)
  .nullable()
  .superRefine((text, context) => {
    const parsed = text === null ? null : parseWhen(text)
    if (parsed && !parsed.ok) context.addIssue({ code: 'custom', message: parsed.error })
  })
  .meta({
    type: ['string', 'null'],
    maxLength: WHEN_MAX,
    description:
      'Only messages that meet this condition are sent, replayed and pulled. ' +
      'Paths start at the message, for example `data.comment.book`. The operators are `==`, `!=`, `contains`, `<`, `>`, `and`, `or` and `not`.',
    example: 'type == "comment.held" or data.comment.body contains "?"',
  })

const ownText = z
  .string()
  .max(TEXT_MAX)
  .superRefine((text, context) => {
    const checked = checkText(text)
    if (!checked.ok) context.addIssue({ code: 'custom', message: checked.error })
  })

export const texts = z
  .record(z.string(), ownText.meta({ type: 'string', maxLength: TEXT_MAX }))
  .superRefine((given, context) => {
    for (const type of Object.keys(given).filter((name) => !typeName.safeParse(name).success)) {
      const message = `"${cut(type, 60)}" is not an event type. Use one such as "comment.published".`
      context.addIssue({ code: 'custom', path: [type], message })
    }
  })
  .refine((given) => Object.keys(given).length <= TEXTS_MAX, `An endpoint can have at most ${TEXTS_MAX} texts.`)
  .meta({
    maxProperties: TEXTS_MAX,
    description:
      'Templates of your own text, keyed by event type. In formats that people read, your text replaces the default text. If it has several lines, the first one is the title. ' +
      'In `standard`, your text is added to the message as `text`. Not allowed for `cloudevents` and `build-hook`.',
    example: { 'comment.published': '{{data.comment.name}} wrote: {{data.comment.body | truncate: 200}}' },
  })

export const previewRequest = bodyOf('PreviewRequest', {
  type: typeName.meta({ example: 'comment.published' }),
  data: z.unknown().optional().describe('The `data` of the event. The default is the example of its type.'),
  format: z.enum(FORMATS).default('standard'),
  url: z.string().max(URL_MAX).default(''),
  when: when.default(null),
  texts: texts.default({}),
})

export const previewOut = z
  .object({
    type: z.string(),
    sent: z.boolean(),
    text: z
      .string()
      .nullable()
      .describe(
        'The text of the chat message or e-mail, or the `text` of a standard message. Null if there is no such text.'
      ),
    content_type: z.string(),
    body: z.string(),
  })
  .meta({ id: 'Preview' })
