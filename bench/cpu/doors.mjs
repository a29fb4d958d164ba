import { createHmac, randomFillSync } from 'node:crypto'
import { SECRETS_KEY } from '../runtime.mjs'
import { ENDPOINTS, signedAsGitHub, signedStar } from './seed.mjs'
import { strangersDoors } from './strangers-doors.mjs'

/*
 * The doors of the program: each is one kind of invocation. `call` makes one invocation. `prepare`, if there is one,
 * writes to the database what the invocation needs.
 */

const FORM = 'application/x-www-form-urlencoded'
const MB = 1_024 * 1_024
const DUE = 5_000

/** @param seeded the return value of `seed` */
export function doorsOf(seeded) {
  return [
    bareDoor(),
    ...publicDoors(seeded),
    ...webhookDoors(seeded),
    ...strangersDoors({ get, post, consume }),
    ...backgroundDoors(),
    ...pagesOf(seeded).map((path) => page(path, seeded.cookie)),
  ]
}

/** The least that a Worker can do for a list, on the same machine. All other figures are to be compared with it. */
function bareDoor() {
  const row = `insert into entries (id, book, name, body, status, created_at) values (?1, 'main', 'Ada', ?2, 'published', 1)`
  return {
    ...get('a bare Worker that reads 20 rows', '/rows'),
    isBare: true,
    prepare: ({ db }) =>
      db.batch(Array.from({ length: 20 }, (_, i) => db.prepare(row).bind(`cmt_${i}`, `What a lovely corner ${i}`))),
  }
}

function publicDoors({ comment }) {
  return [
    get('page of 20 entries', '/'),
    get('list of 20 entries', '/api/comments'),
    get('feed of 20 entries', '/feed.atom'),
    get('one entry', `/api/comments/${comment}`),
    get('health check', '/healthz'),
    get('nothing at this address', '/nothing/at/all'),
    post('sign, as a guest', '/sign', ({ url }, i) => ({
      headers: { 'content-type': FORM, origin: url },
      body: String(new URLSearchParams({ name: 'Ada', body: `What a lovely corner of the web! ${i}`, website: '' })),
    })),
    post('sign, the longest entry', '/api/comments', (_, i) => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: '🎉'.repeat(80), body: `${i}${'é\u0323 '.repeat(1_300)}`.slice(0, 4_000) }),
    })),
    moderationLink(),
  ]
}

/** The page that a link in a notification opens. */
function moderationLink() {
  return {
    name: 'moderation link',
    times: 20,
    prepare: async ({ db, state }) => {
      const held = await db
        .prepare("select id, message_ids from comments where book = 'main' and status = 'held' limit 1")
        .first()
      const content = `mod_approve.${held.id}.${JSON.parse(held.message_ids).at(-1)}.${Date.now() + 86_400_000}`
      const key = createHmac('sha256', Buffer.from(SECRETS_KEY, 'base64')).update('guesthook:moderation link').digest()
      state.path = `/moderate/${content}.${createHmac('sha256', key).update(content).digest('base64url')}`
    },
    call: ({ url, state }) => request(url + state.path),
  }
}

function webhookDoors({ sources: { github, twilio, unsigned } }) {
  const sizes = [
    ['2 KB', 2_000, 20],
    ['1 MB', MB - 100, 5],
    ['4 MB, the most on the Free plan', 4 * MB - 1_000, 3],
    ['8 MB', 8 * MB - 1_000, 3],
  ]
  const bodies = [
    ['JSON', github, (i, bytes) => signedStar(`number ${i}`, bytes)],
    ['form, strict', twilio, unsignedForm],
    ['binary', github, (_, bytes) => binary(bytes)],
  ]
  const received = bodies.flatMap(([kind, path, write]) =>
    sizes.map(([size, bytes, times]) => ({
      ...post(`webhook, ${kind}, ${size}`, path, (_, i) => write(i, bytes), times),
      bindings: { FREE_PLAN: 'false' },
    }))
  )
  const processed = sizes.map(([size, bytes, times]) => processing(`process a webhook, ${size}`, github, bytes, times))
  const signing = (_, i) => ({ body: JSON.stringify({ name: 'Ada', text: `Hello ${i}` }) })
  return [...received, post('webhook that signs the guestbook', unsigned, signing), ...processed]
}

/** Processes a webhook from the queue, in an invocation of its own. */
function processing(name, path, bytes, times) {
  return {
    name,
    times,
    bindings: { FREE_PLAN: 'false' },
    before: async ({ url, state }) => {
      const init = { method: 'POST', ...signedStar(`processed ${Date.now()}`, bytes) }
      state.order = { kind: 'process', inbound_ids: [JSON.parse(await (await fetch(url + path, init)).text()).id] }
    },
    call: ({ worker, state }) => consume(worker, 'guesthook-inbound', state.order),
  }
}

function unsignedForm(i, size) {
  const field = (n) => `field${n}_${encodeURIComponent(i)}=${'some+text%21+'.repeat(Math.floor(size / 13_000))}`
  const body = Array.from({ length: size > 10_000 ? 900 : 20 }, (_, n) => field(n)).join('&')
  return { headers: { 'content-type': FORM, 'x-twilio-signature': 'c29tZXRoaW5nIGVsc2Uh' }, body }
}

function binary(size) {
  const body = randomFillSync(Buffer.alloc(size))
  return { headers: signedAsGitHub(body, 'application/octet-stream'), body }
}

function backgroundDoors() {
  return [
    {
      name: `work order: dispatch to ${ENDPOINTS} endpoints`,
      times: 10,
      prepare: async ({ db, state }) => {
        state.messages = await copyMessages(db, 40, 'dispatch')
      },
      call: ({ worker, state }) => {
        const [message_id, event_type] = state.messages.pop()
        return consume(worker, 'guesthook-fresh', { kind: 'dispatch', message_id, event_type })
      },
    },
    { name: 'sweep with nothing due', times: 10, call: sweep },
    {
      name: `sweep with ${DUE.toLocaleString('en')} due`,
      times: 3,
      prepare: ({ db }) => makeDue(db),
      before: ({ db }) => db.prepare("update deliveries set next_attempt_at = 1 where status = 'pending'").run(),
      call: sweep,
    },
  ]
}

async function sweep({ worker }) {
  await worker.scheduled({ cron: '* * * * *' })
}

async function consume(worker, queue, body) {
  const { explicitAcks } = await worker.queue(queue, [{ id: 'x', timestamp: new Date(), attempts: 1, body }])
  if (explicitAcks.length !== 1) throw new Error(`${queue} did not acknowledge ${JSON.stringify(body)}.`)
}

/** Copies a message. @returns the ids and types of the copies */
async function copyMessages(db, count, mark) {
  const copy = `insert into messages (id, type, created_at, payload, wake_at, dispatched_at)
    select ?1, type, created_at, payload, wake_at, null from messages where type = 'comment.published' limit 1
    returning id, type`
  const results = await db.batch(Array.from({ length: count }, () => db.prepare(copy).bind(messageId(mark))))
  return results.map(({ results: [{ id, type }] }) => [id, type])
}

let made = 0
function messageId(mark) {
  made += 1
  const random = `${mark}${Date.now()}${made}`.toUpperCase().replace(/[^0-9A-HJKMNP-TV-Z]/g, '')
  return `msg_01${random.padStart(24, '0').slice(-24)}`
}

async function makeDue(db) {
  const messages = await copyMessages(db, Math.ceil(DUE / ENDPOINTS), 'due')
  await db.prepare('update messages set dispatched_at = 1 where dispatched_at is null').run()
  const insert = `insert into deliveries (endpoint_id, message_id, status, attempt_count, step, next_attempt_at)
    select e.id, m.value, 'pending', 1, 1, 1 from endpoints e, json_each(?1) m`
  await db
    .prepare(insert)
    .bind(JSON.stringify(messages.map(([id]) => id)))
    .run()
}

function pagesOf({ endpoint, message, inbound, source }) {
  return [
    '/admin',
    // Without the books of `fillBooks`, whose entries are as expensive as possible.
    '/admin/comments?status=published&book=main',
    '/admin/endpoints',
    `/admin/endpoints/${endpoint}`,
    '/admin/messages',
    `/admin/messages/${message}`,
    '/admin/signature',
    '/admin/sources',
    `/admin/sources/${source}`,
    '/admin/inbound',
    `/admin/inbound/${inbound}`,
    '/admin/event-types',
    '/admin/settings',
    '/admin/keys',
  ]
}

function page(path, cookie) {
  return get(`dashboard: ${path.replace(/\/\w+_\w{20,}/, '/{id}')}`, path, { cookie })
}

function get(name, path, headers = {}) {
  return { name, times: 20, call: ({ url }) => request(url + path, { headers }) }
}

function post(name, path, init, times = 20) {
  return { name, times, call: (program, i) => request(program.url + path, { method: 'POST', ...init(program, i) }) }
}

/** @throws Error after a 5xx, because a request that fails early costs little */
async function request(url, init) {
  const response = await fetch(url, { redirect: 'manual', ...init })
  const text = await response.text()
  if (response.status >= 500) throw new Error(`${url} returned ${response.status}: ${text.slice(0, 500)}`)
  return response.status
}
