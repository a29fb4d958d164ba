/*
 * `npm start` loads this file into wrangler. A parent that is killed cannot stop its children. This process therefore
 * checks whether its parent has changed. If so, it stops itself and its children.
 */
const CHECK_MS = 500

const parent = process.ppid
const timer = setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
}, CHECK_MS)
timer.unref()
