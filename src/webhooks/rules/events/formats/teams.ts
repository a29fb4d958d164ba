import type { Summary } from '../summary'
import { asJson, defineFormat } from './format'
import { visible } from './lib/plain-text'
import { shortenForFormat } from './lib/shorten'

export const teams = defineFormat({
  name: 'teams',
  label: 'Teams message',
  service: 'Microsoft Teams',
  urls: [
    /^https:\/\/[^/]+\.webhook\.office\.com\//i,
    /^https:\/\/[^/]+\.logic\.azure\.(com|us)(:443)?\/workflows\//i,
    /^https:\/\/[^/]+\.api\.powerplatform\.com(:443)?\//i,
  ],
  secretPath: 'all',
  render: asJson(toTeams),
})

/**
 * An Adaptive Card for a workflow or an incoming webhook, below 28 KB in any script. Text runs have no Markdown.
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
function toTeams({ title, text, links }: Summary): object {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      ...(title.trim() || !text.trim()
        ? [teamsText(title.trim() || '–', 150, { weight: 'Bolder', size: 'Medium' })]
        : []),
      ...(text.trim() ? [teamsText(text, 5_000, {})] : []),
    ],
    ...(links.length > 0 && {
      actions: links.map(({ label, url }) => ({ type: 'Action.OpenUrl', title: label, url })),
    }),
  }
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] }
}

function teamsText(text: string, max: number, style: object): object {
  const run = { type: 'TextRun', text: shortenForFormat(text, max, visible), ...style }
  return { type: 'RichTextBlock', inlines: [run] }
}
