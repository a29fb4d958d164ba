import type { Summary } from './summary'

/*
 * How chats take a message. What a guest wrote is theirs: it must not call people, nor be drawn as anything but text.
 */

/**
 * Slack's incoming webhooks. Text objects of kind `plain_text` know no markup, and `&`, `<` and `>`, with which links and mentions
 * begin, are escaped everywhere. https://docs.slack.dev/messaging/formatting-message-text
 */
export function toSlack({ title, text, url }: Summary): object {
  const blocks: object[] = [
    { type: 'header', text: slackText(title, 150) },
    ...(text.trim() ? [{ type: 'section', text: slackText(text, 3_000) }] : []),
    ...(url ? [{ type: 'context', elements: [slackLink(url)] }] : []),
  ]
  const fallback = shorten(`${title}: ${text}`, 3_000, escapeSlack)
  return { text: fallback, mrkdwn: false, parse: 'none', link_names: false, blocks }
}

function slackText(text: string, max: number): object {
  // The platform refuses a text of nothing.
  return { type: 'plain_text', text: shorten(text.trim() || '–', max, escapeSlack), emoji: false }
}

function slackLink(url: string): object {
  return { type: 'mrkdwn', text: `<${escapeSlack(url).replaceAll('|', '%7C')}|Have a look>` }
}

const SLACK_ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function escapeSlack(text: string): string {
  return text.replace(/[&<>]/g, (char) => SLACK_ENTITIES[char] ?? char)
}

/**
 * Discord's webhooks. An embed calls nobody, and `allowed_mentions` says so once more; its text is Markdown, so all that could be some is
 * escaped. https://discord.com/developers/docs/resources/message#embed-object-embed-limits
 */
export function toDiscord({ title, text, url }: Summary): object {
  const embed = {
    title: shorten(title.trim() || '–', 256, escapeDiscord),
    ...(text.trim() && { description: shorten(text, 4_096, escapeDiscord) }),
    ...(url && { url }),
  }
  return { allowed_mentions: { parse: [] }, embeds: [embed] }
}

function escapeDiscord(text: string): string {
  return text.replace(/[\\*_~`|>#\-[\]()<@:]/g, '\\$&')
}

/**
 * Teams, by a workflow or an incoming webhook: an Adaptive Card. Text runs know no Markdown, unlike text blocks. A message has up to 28 KB; this is
 * less, whatever the letters. https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
export function toTeams({ title, text, url }: Summary): object {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      teamsText(title.trim() || '–', 150, { weight: 'Bolder', size: 'Medium' }),
      ...(text.trim() ? [teamsText(text, 5_000, {})] : []),
    ],
    ...(url && { actions: [{ type: 'Action.OpenUrl', title: 'Have a look', url }] }),
  }
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] }
}

function teamsText(text: string, max: number, style: object): object {
  const run = { type: 'TextRun', text: shorten(text, max, (same) => same), ...style }
  return { type: 'RichTextBlock', inlines: [run] }
}

/** As much of a text as fits once it is escaped: no letter and no escape is cut in two. @param max in UTF-16 units */
function shorten(text: string, max: number, toEscaped: (text: string) => string): string {
  const whole = toEscaped(text)
  if (whole.length <= max) return whole
  let fitting = ''
  for (const char of text) {
    const escaped = toEscaped(char)
    if (fitting.length + escaped.length > max - 1) break
    fitting += escaped
  }
  return `${fitting}…`
}
