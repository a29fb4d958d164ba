import type { Summary } from '../summary'
import { shorten } from './shorten'

/*
 * Chat messages. Guests write the text, so it must not mention people and must not be rendered as markup. A message
 * with the owner's own text may have no title.
 */

/**
 * A message for a Slack incoming webhook. `plain_text` objects have no markup, and `&`, `<`, and `>`, which start links
 * and mentions, are escaped everywhere. https://docs.slack.dev/messaging/formatting-message-text
 */
export function toSlack({ title, text, links }: Summary): object {
  const blocks: object[] = [
    ...(title || !text.trim() ? [{ type: 'header', text: slackText(title, 150) }] : []),
    ...(text.trim() ? [{ type: 'section', text: slackText(text, 3_000) }] : []),
    ...(links.length > 0 ? [{ type: 'context', elements: links.map(slackLink) }] : []),
  ]
  const fallback = shorten(title ? `${title}: ${text}` : text, 3_000, escapeSlack)
  return { text: fallback, mrkdwn: false, parse: 'none', link_names: false, blocks }
}

function slackText(text: string, max: number): object {
  // Slack rejects empty text.
  return { type: 'plain_text', text: shorten(text.trim() || '–', max, escapeSlack), emoji: false }
}

function slackLink({ label, url }: Summary['links'][number]): object {
  return { type: 'mrkdwn', text: `<${escapeSlack(url).replaceAll('|', '%7C')}|${label}>` }
}

const SLACK_ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function escapeSlack(text: string): string {
  return text.replace(/[&<>]/g, (char) => SLACK_ENTITIES[char] ?? char)
}

/**
 * A message for a Discord webhook. Embeds never mention people, and `allowed_mentions` rules out mentions as well. The
 * text in embeds is Markdown, so all special characters are escaped.
 * https://discord.com/developers/docs/resources/message#embed-object-embed-limits
 */
export function toDiscord({ title, text, url, links }: Summary): object {
  const embed = {
    ...((title.trim() || !text.trim()) && { title: shorten(title.trim() || '–', 256, escapeDiscord) }),
    ...(text.trim() && { description: shorten(text, 4_096, escapeDiscord) }),
    ...(url && { url }),
    // The title is the link if there is only one.
    ...((links.length > 1 || (url && !title.trim())) && { fields: links.map(discordField) }),
  }
  return { allowed_mentions: { parse: [] }, embeds: [embed] }
}

function discordField({ label, url }: Summary['links'][number]): object {
  return { name: label, value: `[${label}](${url.replace(/[()]/g, encodeURIComponent)})`, inline: true }
}

function escapeDiscord(text: string): string {
  return text.replace(/[\\*_~`|>#\-[\]()<@:]/g, '\\$&')
}

/**
 * An Adaptive Card for a Teams workflow or incoming webhook. Text runs have no Markdown, unlike text blocks. Teams
 * accepts up to 28 KB. The card stays below that limit in any script.
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
export function toTeams({ title, text, links }: Summary): object {
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
  const run = { type: 'TextRun', text: shorten(text, max, (same) => same), ...style }
  return { type: 'RichTextBlock', inlines: [run] }
}
