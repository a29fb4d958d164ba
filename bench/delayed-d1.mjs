/** @returns the source of a module that runs `index.js` with a database that delays each call by `delayMs` */
export function delayingEntry(delayMs) {
  return `
import worker from './index.js'

const CALLS = ['all', 'first', 'run', 'raw', 'batch']
const wait = () => scheduler.wait(${delayMs})

function delayed(target) {
  return new Proxy(target, {
    get(object, name) {
      const member = object[name]
      if (typeof member !== 'function') return member
      if (name === 'batch') return async (list) => { await wait(); return object.batch(list.map(real)) }
      if (CALLS.includes(name)) return async (...args) => { await wait(); return member.apply(object, args) }
      if (name === 'prepare' || name === 'bind') return (...args) => wrap(member.apply(object, args))
      return member.bind(object)
    },
  })
}

const inner = new WeakMap()
function wrap(statement) {
  const proxy = delayed(statement)
  inner.set(proxy, statement)
  return proxy
}
const real = (statement) => inner.get(statement) ?? statement

/** One per isolate, because the Worker caches data per database. */
let slow
const slowed = (env) => (slow ??= { ...env, DB: delayed(env.DB) })

export default {
  fetch: (request, env, context) => worker.fetch(request, slowed(env), context),
  queue: (batch, env, context) => worker.queue(batch, slowed(env), context),
  scheduled: (controller, env, context) => worker.scheduled(controller, slowed(env), context),
}`
}
