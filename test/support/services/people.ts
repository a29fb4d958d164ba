import { Buffer } from 'node:buffer'

/*
 * Stand-ins for the services that people read messages in. They check what the services check, and answer as they do.
 * The mailbox is the topic, the secret part of the bot's token, the room, the space, or the last secret of the URL.
 */

interface ServiceRequest {
  method: string
  path: string
  headers: Record<string, string | string[] | undefined>
  body: string
}

interface ServiceResponse {
  mailbox: string
  status: number
  body: Record<string, unknown>
}

type Service = { pattern: RegExp; respond(request: ServiceRequest, match: string[]): ServiceResponse }

/** @returns null if the request is for none of the services */
export function respondAsService(request: ServiceRequest): ServiceResponse | null {
  for (const { pattern, respond } of Object.values(SERVICES)) {
    const match = pattern.exec(decodeURI(request.path))
    if (match) return respond(request, match)
  }
  return null
}

// biome-ignore lint/suspicious/noExplicitAny: the body is whatever the program sent
type Json = any

function parse(body: string): Json {
  try {
    const value = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return null
  }
}

/** https://docs.ntfy.sh/publish/#publish-as-json. Its server limits the JSON to twice the length of a message. */
function ntfy({ method, body }: ServiceRequest): ServiceResponse {
  const message = parse(body)
  const mailbox = String(message?.topic ?? '')
  const refuse = (error: string) => ({ mailbox, status: 400, body: { code: 40024, http: 400, error } })
  if (method !== 'POST') return { mailbox, status: 405, body: { error: 'method not allowed' } }
  if (!message || Buffer.byteLength(body) > 8_192) return refuse('request body must be message JSON')
  if (!/^[-_A-Za-z0-9]{1,64}$/.test(message.topic)) return refuse('topic invalid')
  if (typeof message.message !== 'string' || message.message === '') return refuse('message missing')
  if (Buffer.byteLength(message.message) > 4_096) return refuse('message would become an attachment')
  if (![undefined, 1, 2, 3, 4, 5].includes(message.priority)) return refuse('invalid priority parameter')
  const actions: Json[] = message.actions ?? []
  if (actions.length > 3) return refuse('only 3 actions allowed')
  const isView = (one: Json) => one.action === 'view' && one.label !== '' && URL.canParse(one.url)
  if (!actions.every(isView)) return refuse('action invalid')
  return { mailbox, status: 200, body: { id: 'x', event: 'message', topic: message.topic } }
}

/** https://core.telegram.org/bots/api#sendmessage */
function telegram({ method, headers, body }: ServiceRequest, [, mailbox = '', query = '']: string[]): ServiceResponse {
  const refuse = (description: string) => ({ mailbox, status: 400, body: { ok: false, error_code: 400, description } })
  if (method !== 'POST' || headers['content-type'] !== 'application/json') return refuse('Bad Request: not JSON')
  const message = parse(body)
  if (!message) return refuse("Bad Request: can't parse the body")
  if (query !== '' || !/^(-?\d+|@\w+)$/.test(message.chat_id ?? '')) return refuse('Bad Request: chat not found')
  if (typeof message.text !== 'string' || message.text.trim() === '')
    return refuse('Bad Request: message text is empty')
  if (message.text.length > 4_096) return refuse('Bad Request: message is too long')
  const buttons: Json[] = (message.reply_markup?.inline_keyboard ?? []).flat()
  if (!buttons.every(({ text, url }) => text && /^https:\/\/[^/]+\.[^/]+/.test(url)))
    return refuse('Bad Request: BUTTON_URL_INVALID')
  return { mailbox, status: 200, body: { ok: true, result: { message_id: 1 } } }
}

/** The event of each transaction. A repeat gets the same event. */
const transactions = new Map<string, string>()

/** https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid */
function matrix({ method, path, headers, body }: ServiceRequest, [, mailbox = '']: string[]): ServiceResponse {
  const refuse = (status: number, errcode: string) => ({ mailbox, status, body: { errcode, error: errcode } })
  if (method !== 'PUT') return refuse(405, 'M_UNRECOGNIZED')
  if (!/^Bearer \S+$/.test(String(headers.authorization ?? ''))) return refuse(401, 'M_MISSING_TOKEN')
  const content = parse(body)
  if (!content) return refuse(400, 'M_NOT_JSON')
  if (typeof content.msgtype !== 'string' || typeof content.body !== 'string') return refuse(400, 'M_BAD_JSON')
  if (Buffer.byteLength(body) > 65_000) return refuse(413, 'M_TOO_LARGE')
  const event_id = transactions.get(path) ?? `$${transactions.size + 1}`
  transactions.set(path, event_id)
  return { mailbox, status: 200, body: { event_id } }
}

/** https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create */
function googleChat({ method, path, headers, body }: ServiceRequest, [, mailbox = '']: string[]): ServiceResponse {
  const refuse = (status: string) => ({ mailbox, status: 400, body: { error: { code: 400, status } } })
  if (method !== 'POST' || headers['content-type'] !== 'application/json') return refuse('INVALID_ARGUMENT')
  if (!/[?&]key=[^&]+&token=[^&]+/.test(path)) return refuse('UNAUTHENTICATED')
  const message = parse(body)
  if (!message || Buffer.byteLength(body) > 32_000) return refuse('INVALID_ARGUMENT')
  const unknown = Object.keys(message).filter((name) => !['text', 'cardsV2', 'fallbackText', 'thread'].includes(name))
  const [{ card = {} } = {}]: Json[] = message.cardsV2 ?? []
  const widgets: Json[] = (card.sections ?? []).flatMap((section: Json) => section.widgets)
  const isFull = ({ textParagraph, buttonList }: Json) =>
    textParagraph ? textParagraph.text.trim() !== '' : buttonList.buttons.every(isButton)
  const isButton = ({ text, onClick }: Json) => text !== '' && URL.canParse(onClick.openLink.url)
  if (unknown.length > 0 || !(card.header?.title || widgets.length > 0) || !widgets.every(isFull))
    return refuse('INVALID_ARGUMENT')
  return { mailbox, status: 200, body: { name: 'spaces/x/messages/y' } }
}

/** https://docs.slack.dev/reference/block-kit/blocks */
function slack({ method, headers, body }: ServiceRequest, [, mailbox = '']: string[]): ServiceResponse {
  const refuse = (error: string) => ({ mailbox, status: 400, body: { error } })
  if (method !== 'POST' || headers['content-type'] !== 'application/json') return refuse('invalid_payload')
  const message = parse(body)
  if (!message || typeof message.text !== 'string' || message.text.trim() === '') return refuse('no_text')
  const blocks: Json[] = message.blocks ?? []
  const isText = (text: Json, max: number) => text?.text.trim() !== '' && text.text.length <= max
  const isBlock = ({ type, text, elements }: Json) =>
    type === 'context'
      ? elements.length <= 10 && elements.every((one: Json) => isText(one, 3_000))
      : text.type === 'plain_text' && isText(text, type === 'header' ? 150 : 3_000)
  if (message.text.length > 40_000 || blocks.length > 50 || !blocks.every(isBlock)) return refuse('invalid_blocks')
  return { mailbox, status: 200, body: { ok: true } }
}

/** https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
function discord({ method, headers, body }: ServiceRequest, [, mailbox = '']: string[]): ServiceResponse {
  const refuse = (message: string) => ({ mailbox, status: 400, body: { code: 50035, message } })
  if (method !== 'POST' || headers['content-type'] !== 'application/json') return refuse('Invalid Form Body')
  const [embed, ...others]: Json[] = parse(body)?.embeds ?? []
  if (!embed || others.length > 0) return refuse('Cannot send an empty message')
  const { title = '', description = '', url, fields = [] } = embed
  const isField = ({ name, value }: Json) => name !== '' && name.length <= 256 && value !== '' && value.length <= 1_024
  if (title.length > 256 || description.length > 4_096 || `${title}${description}`.trim() === '')
    return refuse('Invalid embed text')
  if (fields.length > 25 || !fields.every(isField) || (url && !URL.canParse(url))) return refuse('Invalid embed')
  const length = [title, description, ...fields.flatMap(({ name, value }: Json) => [name, value])].join('').length
  return length > 6_000 ? refuse('MAX_EMBED_SIZE_EXCEEDED') : { mailbox, status: 200, body: { id: '1' } }
}

/** https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using */
function teams({ method, headers, body }: ServiceRequest, [, mailbox = '']: string[]): ServiceResponse {
  const refuse = (code: string) => ({ mailbox, status: 400, body: { error: { code } } })
  if (method !== 'POST' || headers['content-type'] !== 'application/json') return refuse('InvalidRequestContent')
  if (Buffer.byteLength(body) > 28 * 1_024) return refuse('PayloadTooLarge')
  const [{ contentType, content } = {}]: Json[] = parse(body)?.attachments ?? []
  if (contentType !== 'application/vnd.microsoft.card.adaptive' || content?.type !== 'AdaptiveCard')
    return refuse('InvalidRequestContent')
  const isOpen = ({ type, title, url }: Json) => type === 'Action.OpenUrl' && title !== '' && URL.canParse(url)
  if (content.body.length === 0 || !(content.actions ?? []).every(isOpen)) return refuse('InvalidCard')
  return { mailbox, status: 200, body: { accepted: true } }
}

/** By the name of their format. */
export const SERVICES: Record<string, Service> = {
  ntfy: { pattern: /^\/(\?.*)?$/, respond: ntfy },
  'google-chat': { pattern: /^\/v1\/spaces\/([\w-]+)\/messages\?.*$/, respond: googleChat },
  telegram: { pattern: /^\/bot\d+:([\w-]+)\/sendMessage(\?.*)?$/, respond: telegram },
  matrix: {
    pattern: /^\/_matrix\/client\/v3\/rooms\/!([^/:]+):localhost\/send\/m\.room\.message\/[\w.~-]+$/,
    respond: matrix,
  },
  slack: { pattern: /^\/services\/T\w+\/B\w+\/([\w-]+)$/, respond: slack },
  discord: { pattern: /^\/api\/webhooks\/\d+\/([\w-]+)$/, respond: discord },
  teams: { pattern: /^\/workflows\/([\w-]+)\/triggers\/manual\/paths\/invoke\?.*$/, respond: teams },
}
