import type { Summary } from '../summary'
import { asJson, defineFormat } from './format'
import { shortenForFormat } from './lib/shorten'

export const discord = defineFormat({
  name: 'discord',
  label: 'Discord message',
  service: 'Discord',
  urls: [/^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\//i],
  secretPath: 'all',
  render: asJson(toDiscord),
})

/**
 * Embeds never mention people, and `allowed_mentions` rules it out as well. Their text is Markdown, so it is escaped.
 * https://discord.com/developers/docs/resources/message#embed-object-embed-limits
 */
function toDiscord({ title, text, url, links }: Summary): object {
  const embed = {
    ...((title.trim() || !text.trim()) && { title: shortenForFormat(title.trim() || '–', 256, escapeDiscord) }),
    ...(text.trim() && { description: shortenForFormat(text, 4_096, escapeDiscord) }),
    ...(url && { url }),
    // The title is the link if there is only one.
    ...((links.length > 1 || (url && !title.trim())) && { fields: links.map(discordField) }),
  }
  return { allowed_mentions: { parse: [] }, embeds: [embed] }
}

function discordField({ label, url }: Summary['links'][number]): object {
  return { name: label, value: `[${label}](${url.replace(/[()]/g, encodeURIComponent)})`, inline: true }
}

const escapeDiscord = (text: string): string => text.replace(/[\\*_~`|>#\-[\]()<@:]/g, '\\$&')
