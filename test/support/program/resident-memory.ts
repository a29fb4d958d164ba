import { readdirSync, readFileSync } from 'node:fs'

/**
 * Finds the processes that run the Worker. After a crash and a restart, their IDs differ.
 * @param group the ID of the program's process group
 * @returns process IDs; empty on systems without /proc
 */
export function runtimePids(group: number): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isRuntime(name, group))
}

/** Reads `pid (name) state parent group ...`. See proc_pid_stat(5). */
function isRuntime(pid: string, group: number): boolean {
  const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(read(`/proc/${pid}/stat`)) ?? []
  return name === 'workerd' && Number(rest?.split(' ')[2]) === group
}

/**
 * Starts to measure the resident memory of the runtime.
 * @returns a function that stops the measurement and returns the peak growth in megabytes; 0 on systems without /proc
 */
export function watchGrowth(group: number): () => number {
  const before = residentMegabytes(group)
  let peak = before
  const measure = () => {
    peak = Math.max(peak, residentMegabytes(group))
  }
  const timer = setInterval(measure, 50)
  return () => {
    clearInterval(timer)
    measure()
    return Math.round(peak - before)
  }
}

function residentMegabytes(group: number): number {
  return runtimePids(group).reduce((sum, pid) => sum + residentOf(pid), 0)
}

function residentOf(pid: string): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]
  return Number(kilobytes ?? 0) / 1_024
}

/** @returns the file, or an empty text if the process has exited */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return ''
    throw cause
  }
}
