import { readdirSync, readFileSync } from 'node:fs'

/**
 * The processes of a program in which the Worker runs: who has crashed and was started again has another id.
 * @param group the program's process group
 * @returns process ids; none where there is no /proc
 */
export function runtimePids(group: number): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isRuntime(name, group))
}

/** `pid (name) state parent group ...`: proc_pid_stat(5). */
function isRuntime(pid: string, group: number): boolean {
  const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(read(`/proc/${pid}/stat`)) ?? []
  return name === 'workerd' && Number(rest?.split(' ')[2]) === group
}

/**
 * Watches the memory that the runtime of a program holds while something is done to it.
 * @returns ends it, and tells how far the memory grew, at its highest, in megabytes; 0 where there is no /proc
 */
export function watchGrowth(group: number): () => number {
  const before = residentMegabytes(group)
  let highest = before
  const look = () => {
    highest = Math.max(highest, residentMegabytes(group))
  }
  const timer = setInterval(look, 50)
  return () => {
    clearInterval(timer)
    look()
    return Math.round(highest - before)
  }
}

function residentMegabytes(group: number): number {
  return runtimePids(group).reduce((sum, pid) => sum + residentOf(pid), 0)
}

function residentOf(pid: string): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]
  return Number(kilobytes ?? 0) / 1_024
}

/** Processes come and go while they are looked at. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return ''
    throw cause
  }
}
