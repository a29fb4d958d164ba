import * as z from 'zod'
import { hasScope, requireAlso } from '../../../access/rights'
import { invalidField } from '../../../kit/http/problem'
import { action, bodyOf, json } from '../../../kit/operation'
import { entryTemplate } from '../../../webhooks/sources/entry-template'
import { SOURCE_FIELDS } from '../../../webhooks/sources/fields'
import { requireSource } from '../../../webhooks/sources/manage'
import { previewEntry } from '../../sources/preview'

const previewIn = bodyOf('PreviewIn', {
  template: entryTemplate.optional(),
  inbound_id: z
    .string()
    .max(100)
    .optional()
    .describe(
      "The request to render. Defaults to the latest request that is stored whole and is not too long, or to the provider's sample. A key without the scope `read` gets the sample."
    ),
})

const previewOut = z
  .object({
    holds: z.boolean().describe('Whether the condition is true.'),
    name: z.string().nullable(),
    body: z.string().nullable(),
    website: z.string().nullable(),
    errors: z.array(z.string()),
    inbound_id: z.string().nullable(),
  })
  .meta({ id: 'EntryPreview' })

export const previewTemplate = action({
  call: 'POST /api/sources/{id}/preview',
  may: 'write',
  act: null,
  summary: 'Preview an entry template',
  description:
    "Renders the source's template, or the template in the body of this call. Nothing is added to the guestbook.",
  noTool: 'setup',
  noForm: 'The form has a preview of its own: see owner/sources/pages.tsx.',
  takes: previewIn,
  gives: { 200: json(previewOut, 'The rendered entry.') },
  run: async (asked, { inbound_id, template: given }) => {
    const row = await requireSource(asked.env, asked.params.id)
    const template = given ?? SOURCE_FIELDS.valueIn(row, 'template')
    if (!template) throw invalidField('template', 'Required, because this source has no template.')
    // A template can copy all that a message contains into the preview.
    if (inbound_id !== undefined) requireAlso(asked, 'read')
    const shown = hasScope(asked, 'read') ? inbound_id : null
    return previewEntry(asked.env, row, template, shown, asked.now)
  },
  show: (preview) => preview,
})
