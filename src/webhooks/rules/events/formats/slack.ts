import type { Summary } from '../summary'
import { asJson, defineFormat } from './format'
import { quiet } from './lib/plain-text'
import { shortenForFormat } from './lib/shorten'

export const slack = defineFormat({
  name: 'slack',
  label: 'Slack message',
  service: 'Slack',
  urls: [
    /^https:\/\/hooks\.slack(-gov)?\.com\//i,
    // Discord accepts Slack's format at this URL.
    /^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d+\/[^/]+\/slack\b/i,
  ],
  secretPath: 'all',
  render: asJson(toSlack),
})

/**
 * A message for a Slack incoming webhook. `plain_text` objects have no markup, and `&`, `<`, and `>`, which start links
 * and mentions, are escaped everywhere. https://docs.slack.dev/messaging/formatting-message-text
 */
function toSlack({ title, text, links }: Summary): object {
  const blocks: object[] = [
    ...(title || !text.trim() ? [{ type: 'header', text: slackText(title, 150) }] : []),
    ...(text.trim() ? [{ type: 'section', text: slackText(text, 3_000) }] : []),
    ...(links.length > 0 ? [{ type: 'context', elements: links.map(slackLink) }] : []),
  ]
  // For a notification. Discord has only this, as up to 2,000 characters, and would look for mentions in it.
  const fallback = shortenForFormat(quiet(title ? `${title}: ${text}` : text), 2_000, escapeSlack)
  return { text: fallback, mrkdwn: false, parse: 'none', link_names: false, blocks }
}

function slackText(text: string, max: number): object {
  // Slack rejects empty text.
  return { type: 'plain_text', text: shortenForFormat(text.trim() || '–', max, escapeSlack), emoji: false }
}

function slackLink({ label, url }: Summary['links'][number]): object {
  return { type: 'mrkdwn', text: `<${escapeSlack(url).replaceAll('|', '%7C')}|${label}>` }
}

const SLACK_ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escapeSlack = (text: string): string => text.replace(/[&<>]/g, (char) => SLACK_ENTITIES[char] ?? char)
