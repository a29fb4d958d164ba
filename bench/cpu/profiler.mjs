/*
 * Measures the CPU time of the Worker with V8's sampling profiler, through workerd's inspector. V8 samples the isolate
 * only while the Worker runs, so waiting for D1 or for a receiver is not counted, but its D1 client is.
 */

const INTERVAL_US = 100
/** A longer gap between two samples means that the Worker was waiting in between. */
const MAX_GAP_US = 250
/** The inspector's name for the Worker, as opposed to the services that simulate the platform. */
const TARGET = /^core:user:/

/**
 * Connects to the profiler of a running Worker.
 * @returns `measure`, which runs some work and returns the CPU time that the Worker used for it, in milliseconds
 */
export async function connectProfiler(mf) {
  const inspector = String(await mf.getInspectorURL()).replace(/^ws/, 'http')
  const targets = await (await fetch(new URL('/json/list', inspector))).json()
  const socket = new WebSocket(targets.find(({ id }) => TARGET.test(id)).webSocketDebuggerUrl)
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = () => reject(new Error('The inspector refused the connection.'))
  })
  const call = callsOver(socket)
  await call('Profiler.enable')
  await call('Profiler.setSamplingInterval', { interval: INTERVAL_US })
  const measure = async (work) => {
    await call('Profiler.start')
    await work()
    const { profile } = await call('Profiler.stop')
    return busyTime(profile) / 1_000
  }
  // The first profile starts the profiler's own machinery, which would count as time of a cold Worker.
  await measure(() => {})
  return { measure, close: () => socket.close() }
}

/** Calls methods of the Chrome DevTools Protocol. */
function callsOver(socket) {
  const waiting = new Map()
  socket.onmessage = ({ data }) => {
    const { id, result, error } = JSON.parse(data)
    const { resolve, reject } = waiting.get(id) ?? {}
    waiting.delete(id)
    if (error) reject?.(new Error(error.message))
    else resolve?.(result)
  }
  let last = 0
  return (method, params = {}) =>
    new Promise((resolve, reject) => {
      last += 1
      waiting.set(last, { resolve, reject })
      socket.send(JSON.stringify({ id: last, method, params }))
    })
}

/** @returns microseconds */
function busyTime({ nodes, samples, timeDeltas }) {
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id))
  return samples.reduce((sum, id, i) => sum + (idle.has(id) ? 0 : Math.min(timeDeltas[i], MAX_GAP_US)), 0)
}

/** Other programs and garbage collections only add to a figure. The lowest figure may have missed samples. */
export function lowQuartile(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)]
}
