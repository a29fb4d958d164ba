import { requireSame } from '../../../kit/http/forms/seen'
import { isChanged } from '../../../kit/lib/changed'
import { action, json } from '../../../kit/operation'
import { readForm, seenOf } from '../../../webhooks/sources/form'
import { changeSource as change, requireSource } from '../../../webhooks/sources/manage'
import { sourceChange, sourceOut } from '../../../webhooks/sources/schemas'
import { pathOf, showSettingsAgain } from '../../sources/pages'
import { showSource } from './get'

export const changeSource = action({
  call: 'PATCH /api/sources/{id}',
  may: 'write',
  act: 'source.updated',
  summary: 'Change, pause or resume a source',
  description: 'While a source is paused, its requests are stored. They are processed when the source is resumed.',
  refusals: [409, 503],
  noTool: 'setup',
  takes: sourceChange,
  gives: { 200: json(sourceOut, 'The source.') },
  run: ({ env, now, params }, input) => change(env, params.id, input, now),
  changes: ({ before, row }) => isChanged(before, row),
  show: ({ row }, asked) => showSource(asked, row),
  form: [
    {
      at: '/sources/:id',
      read: (form) => readForm(form),
      check: async ({ env, params }, form) => requireSame(seenOf(await requireSource(env, params.id)), form),
      next: ({ row }) => pathOf(row.id, 'saved'),
      refused: showSettingsAgain,
    },
    { at: '/sources/:id/pause', body: { status: 'paused' }, next: ({ row }) => pathOf(row.id, 'paused') },
    { at: '/sources/:id/resume', body: { status: 'active' }, next: ({ row }) => pathOf(row.id, 'active') },
    {
      at: '/sources/:id/forget-secret',
      act: 'source.secret_removed',
      body: { secret: null },
      next: ({ row }) => pathOf(row.id, 'forgotten'),
    },
  ],
})
