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
