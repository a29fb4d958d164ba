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

/** @returns how many deliveries wait still, of all receivers */
export async function countPending(program, receivers) {
  let pending = 0
  for (const { endpoint } of receivers) {
    const path = `/api/endpoints/${endpoint}/deliveries?status=pending`
    for await (const _ of listAll(program, path)) pending++
  }
  return pending
}

/**
 * Holds what the receivers got against what the API says was said, byte for byte.
 * @param accepted the comments as they were answered, by id
 */
export async function judge(program, receivers, accepted) {
  const messages = await readMessages(program)
  const stored = []
  for await (const { id } of listAll(program, '/api/comments')) stored.push(id)
  return {
    strayComments: countStray(stored, accepted),
    wrongMessages: countWrong(messages, accepted),
    undelivered: messages.filter((message) => !isDone(message, receivers.length)),
    receivers: receivers.map((receiver) => judgeReceiver(receiver, messages, accepted)),
  }
}

async function readMessages(program) {
  const messages = []
  for await (const { id, type } of listAll(program, '/api/messages'))
    if (type === 'comment.published') messages.push(await program.api('GET', `/api/messages/${id}`))
  return messages
}

/** Stored without having been answered, as one that was stored twice would be; or answered without having been stored. */
function countStray(stored, accepted) {
  return new Set(stored).symmetricDifference(new Set(accepted.keys())).size
}

/** There must be one for each comment, and it must say what its guest was answered. */
function countWrong(messages, accepted) {
  const left = new Map(accepted)
  const wrong = messages.filter(({ payload }) => {
    const { comment } = payload.data
    const answered = left.get(comment.id)
    left.delete(comment.id)
    return JSON.stringify(answered) !== JSON.stringify(comment)
  })
  return wrong.length + left.size
}

function isDone({ deliveries }, expected) {
  return deliveries.filter(({ status }) => status === 'delivered').length === expected
}

function judgeReceiver({ name, endpoint, requests }, messages, accepted) {
  const payloads = new Map(messages.map(({ id, payload }) => [id, JSON.stringify(payload)]))
  const arrived = requests.filter(({ isAccepted }) => isAccepted)
  const ids = new Set(arrived.map(({ id }) => id))
  const isDelivered = ({ deliveries }) =>
    deliveries.some(({ endpoint_id, status }) => endpoint_id === endpoint && status === 'delivered')
  return {
    name,
    expected: accepted.size,
    lost: accepted.size - messages.filter(({ id }) => ids.has(id)).length,
    unsettled: accepted.size - messages.filter(isDelivered).length,
    requests: requests.length,
    duplicates: arrived.length - ids.size,
    wrongSignatures: requests.filter(({ isSigned }) => !isSigned).length,
    wrongBodies: requests.filter(({ id, body }) => !isExact(body, payloads.get(id))).length,
  }
}

function isExact(body, payload) {
  return payload !== undefined && Buffer.from(payload).equals(body)
}
