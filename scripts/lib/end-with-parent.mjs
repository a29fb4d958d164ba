/*
 * `npm start` loads this file into wrangler. If the process that started this one is killed, it cannot stop anything,
 * so this process notices that it has been adopted by another parent, and stops itself and its children.
 */
const CHECK_MS = 500

const parent = process.ppid
const timer = setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
}, CHECK_MS)
timer.unref()
