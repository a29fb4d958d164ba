const PAGE = 100

async function* listAll(program, path) {
  let cursor = null
  do {
    const query = `limit=${PAGE}${cursor ? `&cursor=${cursor}` : ''}`
    const page = await program.api('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`)
    yield* page.data
    cursor = page.next
  } while (cursor)
}

/** @returns {Promise<number>} pending deliveries to all receivers */
export async function countPending(program, receivers) {
  let pending = 0
  for (const { endpoint } of receivers) {
    const path = `/api/endpoints/${endpoint}/deliveries?status=pending`
    for await (const _ of listAll(program, path)) pending++
  }
  return pending
}

/**
 * Compares what the receivers received with the messages in the API, byte for byte.
 * @param accepted the comments from the responses to the guests, by ID
 */
export async function judge(program, receivers, accepted) {
  const messages = await readMessages(program)
  const stored = []
  for await (const { id } of listAll(program, '/api/comments')) stored.push(id)
  return {
    strayComments: countStray(stored, accepted),
    wrongMessages: countWrong(messages, accepted),
    undelivered: messages.filter((message) => !isDone(message, receivers)),
    receivers: receivers.map((receiver) => judgeReceiver(receiver, messages, accepted)),
  }
}

async function readMessages(program) {
  const messages = []
  for await (const { id, type } of listAll(program, '/api/messages'))
    if (type === 'comment.published') messages.push(await program.api('GET', `/api/messages/${id}`))
  return messages
}

/** Counts comments that were stored but not in a response (such as duplicates), or in a response but not stored. */
function countStray(stored, accepted) {
  return new Set(stored).symmetricDifference(new Set(accepted.keys())).size
}

/** Each comment must have exactly one message, which must match the response to the guest. */
function countWrong(messages, accepted) {
  const left = new Map(accepted)
  const wrong = messages.filter(({ payload }) => {
    const { comment } = payload.data
    const expected = left.get(comment.id)
    left.delete(comment.id)
    return JSON.stringify(expected) !== JSON.stringify(comment)
  })
  return wrong.length + left.size
}

function isDone(message, receivers) {
  return receivers.every((receiver) => isSettled(receiver, message))
}

/** What a call has reported is canceled. */
function isSettled({ endpoint, isCalled }, { deliveries }) {
  const own = deliveries.find(({ endpoint_id }) => endpoint_id === endpoint)
  return own?.status === 'delivered' || (isCalled && own?.reason === 'coalesced')
}

function judgeReceiver(receiver, messages, accepted) {
  const { name, requests, isCalled } = receiver
  const payloads = new Map(messages.map(({ id, payload }) => [id, JSON.stringify(payload)]))
  const arrived = requests.filter(({ isAccepted }) => isAccepted)
  const ids = new Set(arrived.map(({ id }) => id))
  const isWrong = ({ id, body }) => !isCalled && !isExact(body, payloads.get(id))
  return {
    name,
    expected: accepted.size,
    lost: accepted.size - countReported(name, arrived, messages),
    unsettled: accepted.size - messages.filter((message) => isSettled(receiver, message)).length,
    requests: requests.length,
    duplicates: arrived.length - ids.size,
    wrongSignatures: requests.filter(({ isSigned }) => !isSigned).length,
    wrongBodies: requests.filter(isWrong).length,
  }
}

/** @returns how many events have arrived: each in a request of its own, or in a call that reports several */
function countReported(name, arrived, messages) {
  if (name === 'digest') return countInDigests(arrived, messages)
  const ids = new Set(arrived.map(({ id }) => id))
  if (name !== 'hook') return messages.filter(({ id }) => ids.has(id)).length
  // A call to a build hook reports the event whose ID it has, and all older ones.
  const newest = [...ids].sort().at(-1) ?? ''
  return messages.filter(({ id }) => id <= newest).length
}

function isExact(body, payload) {
  return payload !== undefined && Buffer.from(payload).equals(body)
}

/** A digest lists the newest events as far as its text has room, and counts all. */
function countInDigests(arrived, messages) {
  const named = new Set()
  const onlyCounted = new Map()
  for (const { id, body } of arrived) {
    const texts = textsIn(JSON.parse(body.toString('utf8')))
    const guests = new Set(
      texts.flatMap((text) => [...text.matchAll(/Guest (\d+) signed/g)].map(([, number]) => number))
    )
    for (const guest of guests) named.add(`Guest ${guest}`)
    const [count = guests.size] = texts
      .flatMap((text) => /Your guestbook today: (\d+)/.exec(text)?.[1] ?? [])
      .map(Number)
    onlyCounted.set(id, count - guests.size)
  }
  const listed = messages.filter(({ payload }) => named.has(payload.data.comment.name)).length
  const others = [...onlyCounted.values()].reduce((sum, count) => sum + count, 0)
  return Math.min(listed + others, messages.length)
}

/** @returns all texts in a JSON value, without the marks that isolate what guests wrote */
function textsIn(value) {
  if (typeof value === 'string') return [value.replace(/[\u2066-\u2069]/g, '')]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}
